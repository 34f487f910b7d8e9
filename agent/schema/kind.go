package schema

// String returns the YANG keyword of the kind.
func (k Kind) String() string {
	switch k {
	case Container:
		return "container"
	case List:
		return "list"
	case Leaf:
		return "leaf"
	case LeafList:
		return "leaf-list"
	case AnyData:
		return "anydata"
	case AnyXML:
		return "anyxml"
	case Choice:
		return "choice"
	case Case:
		return "case"
	case RPC:
		return "rpc"
	case Action:
		return "action"
	case Input:
		return "input"
	case Output:
		return "output"
	case Notification:
		return "notification"
	default:
		return "unknown"
	}
}

// String returns the name of the built-in type.
func (k TypeKind) String() string {
	switch k {
	case Int8:
		return "int8"
	case Int16:
		return "int16"
	case Int32:
		return "int32"
	case Int64:
		return "int64"
	case Uint8:
		return "uint8"
	case Uint16:
		return "uint16"
	case Uint32:
		return "uint32"
	case Uint64:
		return "uint64"
	case Decimal64:
		return "decimal64"
	case String:
		return "string"
	case Boolean:
		return "boolean"
	case Enumeration:
		return "enumeration"
	case Bits:
		return "bits"
	case Binary:
		return "binary"
	case Empty:
		return "empty"
	case Identityref:
		return "identityref"
	case InstanceIdentifier:
		return "instance-identifier"
	case Leafref:
		return "leafref"
	case Union:
		return "union"
	default:
		return "unknown"
	}
}

// Package treetest is for tests with trees: Modules have every kind of node and
// type, and Random fills any schema with values that its types allow.
package treetest

// Modules returns YANG modules that have every kind of data node and of type,
// for yang/compile/compiletest, which this package must not import.
func Modules() []string { return []string{base, more} }

const base = `
module base {
  yang-version 1.1;
  namespace "urn:base";
  prefix b;

  identity animal;
  identity dog { base animal; }

  typedef percent { type uint8 { range "0..100"; } }
  typedef name { type string { length "1..64"; } }

  container interfaces {
    list interface {
      key name;
      leaf name { type name; }
      container config {
        leaf name { type name; }
        leaf type { type identityref { base animal; } }
        leaf mtu { type uint16 { range "68..9192"; } default 1500; }
        leaf enabled { type boolean; default true; }
        leaf description { type string; }
      }
      container state {
        config false;
        leaf counter { type uint64; }
        leaf-list log { type string; }
        list sample {
          leaf at { type uint32; }
          leaf value { type decimal64 { fraction-digits 2; } }
        }
      }
    }
  }

  container types {
    leaf i8 { type int8; }
    leaf i16 { type int16; }
    leaf i32 { type int32; }
    leaf i64 { type int64; }
    leaf u8 { type percent; }
    leaf u32 { type uint32; }
    leaf u64 { type uint64; }
    leaf dec { type decimal64 { fraction-digits 3; } }
    leaf text { type string; }
    leaf lower { type string { pattern "[a-z]*"; } }
    leaf truth { type boolean; }
    leaf color { type enumeration { enum red; enum green; enum "light blue"; } }
    leaf flags { type bits { bit up; bit running; bit lower-up; } }
    leaf blob { type binary; }
    leaf marker { type empty; }
    leaf animal { type identityref { base animal; } }
    leaf pointer { type instance-identifier { require-instance false; } }
    leaf ref { type leafref { path "/b:interfaces/b:interface/b:name"; require-instance false; } }
    leaf either {
      type union {
        type uint8;
        type uint64;
        type boolean;
        type identityref { base animal; }
        type enumeration { enum auto; }
        type empty;
        type string;
      }
    }
    leaf-list numbers { type uint32; }
    leaf-list texts { type string; ordered-by user; }
    leaf-list big { type int64; ordered-by user; }
    leaf-list kinds { type identityref { base animal; } }
    leaf-list levels { type uint8; default 3; default 5; }
    anydata any;
    anyxml anything;
  }

  list rule {
    key "group id";
    ordered-by user;
    leaf id { type uint32; }
    leaf group { type identityref { base animal; } }
    leaf action { type enumeration { enum permit; enum deny; } default deny; }
    list step {
      key at;
      leaf at { type int32; }
      leaf-list to { type string; }
    }
  }

  container box {
    presence "there is one";
    choice way {
      default slow;
      case fast {
        leaf speed { type uint32; default 9; }
        container turbo { leaf boost { type uint8; } }
      }
      case slow {
        leaf delay { type uint32; default 5; }
        choice why { leaf this { type string; } leaf that { type string; } }
      }
      leaf alone { type string; }
    }
  }

  rpc reset {
    input { leaf after { type uint32; } list item { key name; leaf name { type string; } } }
    output { leaf result { type string; } }
  }
}`

const more = `
module more {
  yang-version 1.1;
  namespace "urn:more";
  prefix m;
  import base { prefix base; }

  identity cat { base base:animal; }

  augment "/base:interfaces/base:interface/base:config" {
    leaf speed { type uint64; default 1000; }
    container vlan { leaf id { type uint16; } }
  }
  augment "/base:interfaces/base:interface" {
    list alias { key name; leaf name { type string; } }
  }
  container other { leaf value { type string; } leaf kind { type identityref { base base:animal; } default cat; } }
}`

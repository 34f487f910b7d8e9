package gnmi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
)

// tagCodes maps an error-tag, alone or with an error-app-tag, to a gRPC code.
// The entry with the app-tag wins.
var tagCodes = map[[2]string]codes.Code{
	{string(fault.InUse)}:                 codes.FailedPrecondition,
	{string(fault.InvalidValue)}:          codes.InvalidArgument,
	{string(fault.TooBig)}:                codes.ResourceExhausted,
	{string(fault.MissingAttribute)}:      codes.InvalidArgument,
	{string(fault.BadAttribute)}:          codes.InvalidArgument,
	{string(fault.UnknownAttribute)}:      codes.InvalidArgument,
	{string(fault.MissingElement)}:        codes.InvalidArgument,
	{string(fault.BadElement)}:            codes.InvalidArgument,
	{string(fault.UnknownElement)}:        codes.InvalidArgument,
	{string(fault.UnknownNamespace)}:      codes.InvalidArgument,
	{string(fault.AccessDenied)}:          codes.PermissionDenied,
	{string(fault.LockDenied)}:            codes.FailedPrecondition,
	{string(fault.ResourceDenied)}:        codes.ResourceExhausted,
	{string(fault.RollbackFailed)}:        codes.DataLoss,
	{string(fault.DataExists)}:            codes.AlreadyExists,
	{string(fault.DataMissing)}:           codes.InvalidArgument,
	{string(fault.OperationNotSupported)}: codes.Unimplemented,
	{string(fault.OperationFailed)}:       codes.Aborted,
	{string(fault.MalformedMessage)}:      codes.InvalidArgument,

	{string(fault.OperationFailed), fault.DataNotUnique}:   codes.InvalidArgument,
	{string(fault.OperationFailed), fault.TooManyElements}: codes.InvalidArgument,
	{string(fault.OperationFailed), fault.TooFewElements}:  codes.InvalidArgument,
	{string(fault.OperationFailed), fault.MustViolation}:   codes.InvalidArgument,
}

// codeOf looks a fault up in tagCodes.
func codeOf(e *fault.Error) codes.Code {
	if e.AppTag != "" {
		if c, ok := tagCodes[[2]string{string(e.Tag), e.AppTag}]; ok {
			return c
		}
	}
	if c, ok := tagCodes[[2]string{string(e.Tag)}]; ok {
		return c
	}
	return codes.Unknown
}

const (
	errorDomain = "outrigger.dev"
	// maxErrorText bounds message and details each. They travel in HTTP/2
	// trailers, and clients commonly accept no more than 8 KiB of those.
	maxErrorText = 2048
)

// statusOf makes a gRPC status of any error. An error that is a status already
// stays as it is.
func statusOf(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, err.Error())
	}
	all := fault.All(err)
	return faultStatus(codeOf(all[0]), all)
}

// statusAs is statusOf with a code that the operation fixes.
func statusAs(code codes.Code, err error) error { return faultStatus(code, fault.All(err)) }

// faultStatus words the faults: the message tells all of them, an ErrorInfo the
// first, and a BadRequest names each path.
func faultStatus(code codes.Code, all []*fault.Error) error {
	st := status.New(code, clip(fault.Errors(all).Error()))
	first := all[0]
	info := &errdetails.ErrorInfo{
		Reason:   strings.ToUpper(strings.ReplaceAll(string(first.Tag), "-", "_")),
		Domain:   errorDomain,
		Metadata: map[string]string{"error-tag": string(first.Tag)},
	}
	if first.AppTag != "" {
		info.Metadata["error-app-tag"] = first.AppTag
	}
	if len(first.Path) > 0 {
		info.Metadata["path"] = clip(first.Path.String())
	}
	for _, i := range first.Info {
		info.Metadata[i.Name] = clip(i.Value)
	}
	details := []protoadapt.MessageV1{info}
	bad, size := &errdetails.BadRequest{}, 0
	for _, e := range all {
		if len(e.Path) == 0 {
			continue
		}
		v := &errdetails.BadRequest_FieldViolation{Field: e.Path.String(), Description: e.Message}
		if size += len(v.Field) + len(v.Description); size > maxErrorText {
			break
		}
		bad.FieldViolations = append(bad.FieldViolations, v)
	}
	if code == codes.InvalidArgument && len(bad.FieldViolations) > 0 {
		details = append(details, bad)
	}
	with, err := st.WithDetails(details...)
	if err != nil { // only text that is not UTF-8
		return st.Err()
	}
	return with.Err()
}

// clip shortens text for a trailer and makes it UTF-8, which gRPC demands.
func clip(s string) string {
	if len(s) > maxErrorText {
		s = s[:maxErrorText] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// failf makes a status with the details of a fault at p, which may be nil.
func failf(code codes.Code, tag fault.Tag, p path.Path, format string, args ...any) error {
	return faultStatus(code, []*fault.Error{fault.New(tag, p, format, args...)})
}

// invalidf is an INVALID_ARGUMENT that no schema node is to blame for.
func invalidf(format string, args ...any) error {
	return status.Error(codes.InvalidArgument, clip(fmt.Sprintf(format, args...)))
}

// within says which part of the request a status is about.
func within(part string, err error) error {
	st, ok := status.FromError(err)
	if !ok {
		return err
	}
	p := st.Proto()
	p.Message = clip(part + ": " + p.Message)
	return status.ErrorProto(p)
}

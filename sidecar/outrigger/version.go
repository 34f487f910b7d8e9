package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version is set by the linker from the tag that the build is made of.
var version = "devel"

func versionCommand(args []string, stdout io.Writer) error {
	args, err := noFlags("usage: outrigger version\n", args)
	if err != nil {
		return err
	}
	if len(args) != 0 {
		return usageError{errors.New("version takes no argument")}
	}
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	_, err = fmt.Fprintf(stdout, "outrigger %s%s %s %s/%s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

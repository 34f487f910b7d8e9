// Package vpp is the southbound backend for FD.io VPP, by its binary API.
package vpp

// Package pod tests the manifest of this folder: see README.md.
package pod

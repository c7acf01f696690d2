/// The version of package, binary and pages alike.
package let version = "0.1.0"

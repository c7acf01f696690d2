/// Ends the process because of something only this program can get wrong, never because of what came in from outside.
///
/// `precondition` loses its text in an optimised build; `fatalError` keeps it.
package func bug(_ what: StaticString, file: StaticString = #fileID, line: UInt = #line) -> Never {
  fatalError("bug: \(what)", file: file, line: line)
}

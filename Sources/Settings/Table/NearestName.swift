/// Finds what a mistyped name was probably meant to be.
enum NearestName {
  static func of(_ name: String, among candidates: [String]) -> String? {
    let wanted = Self.folded(name)
    guard wanted.count <= 64 else { return nil }
    var nearest: (name: String, distance: Int)?
    for candidate in candidates {
      let distance = Self.distance(wanted, Self.folded(candidate))
      if distance < nearest?.distance ?? max(3, wanted.count / 3) { nearest = (candidate, distance) }
    }
    return nearest?.name
  }

  /// Case and the kind of dash are no mistake worth counting.
  private static func folded(_ name: String) -> [UInt8] {
    name.uppercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
  }

  /// Levenshtein's distance, with a swap of neighbours counted once.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        let change = last[column] + (byte == other ? 0 : 1)
        var best = min(change, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}

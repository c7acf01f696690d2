/// What a vendor documents of how it counts, chosen by the model's name.
package struct ModelFamily: Sendable, Equatable {
  /// How many tokens an image is.
  enum ImageRule: Equatable {
    /// Scaled into 2048 by 2048, then to a short side of 768; a number per image and one per square of 512.
    case tiles(base: Int, tile: Int)
    /// Squares of 32, scaled to no more than 1536 of them, times hundredths.
    case patches(hundredths: Int)
    /// A token for 750 pixels, scaled to a long side of 1568 and to no more than 1600 tokens.
    case pixels
  }

  let image: ImageRule
  /// Once for a request with tools.
  let toolsPreamble: Int

  /// OpenAI's guide "Images and vision" and its cookbook "How to count tokens"; Anthropic's guides "Vision" and
  /// "Tool use". Others publish no rule: those of Anthropic for images, those of OpenAI for tools.
  package init(model: String) {
    let bare = model.lowercased().split(separator: "/").last.map(String.init) ?? ""
    self.image = Self.imageRules.first { bare.hasPrefix($0.prefix) }?.rule ?? .pixels
    self.toolsPreamble = bare.contains("claude") ? 346 : 12
  }

  private static let imageRules: [(prefix: String, rule: ImageRule)] = [
    ("gpt-4o-mini", .tiles(base: 2833, tile: 5667)),
    ("gpt-4.1-mini", .patches(hundredths: 162)),
    ("gpt-4.1-nano", .patches(hundredths: 246)),
    ("gpt-5-mini", .patches(hundredths: 162)),
    ("gpt-5-nano", .patches(hundredths: 246)),
    ("o4-mini", .patches(hundredths: 172)),
    ("gpt-5", .tiles(base: 70, tile: 140)),
    ("gpt-4", .tiles(base: 85, tile: 170)),
    ("chatgpt-4o", .tiles(base: 85, tile: 170)),
    ("o1", .tiles(base: 75, tile: 150)),
    ("o3", .tiles(base: 75, tile: 150)),
  ]

  func tokens(_ size: ImageSize, isLowDetail: Bool) -> Int {
    let width = Double(size.width)
    let height = Double(size.height)
    switch self.image {
    case .tiles(let base, let tile):
      return isLowDetail ? base : base + tile * Self.tiles(width, height)
    case .patches(let hundredths):
      return (Self.patches(width, height) * hundredths + 99) / 100
    case .pixels:
      let scale = min(1, 1568 / max(width, height))
      return max(1, min(1600, Int((width * scale * height * scale / 750).rounded(.up))))
    }
  }

  private static func tiles(_ width: Double, _ height: Double) -> Int {
    var scale = min(1, 2048 / max(width, height))
    scale = min(scale, 768 / min(width, height))
    return Int((width * scale / 512).rounded(.up) * (height * scale / 512).rounded(.up))
  }

  private static func patches(_ width: Double, _ height: Double) -> Int {
    let covering = (width / 32).rounded(.up) * (height / 32).rounded(.up)
    guard covering > 1536 else { return Int(covering) }
    var scale = (32 * 32 * 1536 / (width * height)).squareRoot()
    let columns = width * scale / 32
    let rows = height * scale / 32
    scale *= min(max(1, columns.rounded(.down)) / columns, max(1, rows.rounded(.down)) / rows)
    let scaled = (width * scale / 32).rounded(.up) * (height * scale / 32).rounded(.up)
    return Int(min(1536, scaled))
  }
}

/// Comparing secrets without telling, by the time it takes, how much of a guess is right.
enum ConstantTime {
  /// Looks at every byte of the guess, whatever it finds. Only the length of the guess shows.
  static func equal(_ guess: [UInt8], _ secret: [UInt8]) -> Bool {
    var difference = UInt8(truncatingIfNeeded: guess.count == secret.count ? 0 : 1)
    for position in guess.indices {
      let expected = secret.isEmpty ? 0 : secret[position % secret.count]
      difference |= guess[position] ^ expected
    }
    return difference == 0
  }
}

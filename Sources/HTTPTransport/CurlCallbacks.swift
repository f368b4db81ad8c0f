import CCurl

// libcurl calls these on the loop's thread, with the handle's address as context. They return how
// many bytes they took; another number breaks the transfer off.

private func handle(_ context: UnsafeMutableRawPointer?) -> CurlHandle? {
  guard let context = unsafe context else { return nil }
  return unsafe Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
}

private func span(
  _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int
) -> UnsafeRawBufferPointer {
  unsafe UnsafeRawBufferPointer(start: bytes, count: count)
}

func curlReceivedHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let handle = unsafe handle(context), let exchange = handle.exchange else { return 0 }
  let line = unsafe span(bytes, count)
  if unsafe line.starts(with: [72, 84, 84, 80, 47]) {
    // "HTTP/" begins a block of headers; the one before it belonged to an interim answer.
    exchange.headers = HTTPHeaders()
    return count
  }
  if exchange.headers.byteCount + count > CurlHandle.maximumHeaderBytes {
    exchange.refusal = .responseTooLarge
    return 0
  }
  let isEmpty = unsafe line.allSatisfy { $0 == 13 || $0 == 10 }
  if !isEmpty {
    unsafe exchange.headers.add(receivedLine: line.bindMemory(to: UInt8.self).span)
  } else if exchange.isStream {
    let status = handle.status
    if status >= 200 {
      exchange.status = status
      exchange.version = handle.version
      exchange.deliverHeaders()
    }
  }
  return count
}

func curlReceivedBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let exchange = unsafe handle(context)?.exchange else { return 0 }
  guard count > 0 else { return 0 }
  let chunk = unsafe span(bytes, count)
  if case .body(let stream) = exchange.waiter {
    guard unsafe stream.push(chunk.bindMemory(to: UInt8.self).span) else {
      exchange.deadline = nil
      return ccurl_write_pause()
    }
    exchange.restartIdleTime()
    return count
  }
  let limit = unsafe handle(context)?.settings.maximumResponseBytes ?? 0
  guard exchange.body.count + count <= limit else {
    exchange.refusal = .responseTooLarge
    return 0
  }
  unsafe exchange.body.append(contentsOf: chunk)
  return count
}

func curlWantsBody(
  _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let exchange = unsafe handle(context)?.exchange, let body = exchange.request.body,
    let buffer = unsafe buffer
  else { return ccurl_read_abort() }
  let taken = min(size * count, body.count - exchange.bodyBytesTaken)
  let start = exchange.bodyBytesTaken
  unsafe body.withUnsafeBytes { source in
    unsafe UnsafeMutableRawBufferPointer(start: buffer, count: taken)
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<(start + taken)]))
  }
  exchange.bodyBytesTaken += taken
  return taken
}

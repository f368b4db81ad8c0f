import DiscordAPI
import Testing

@Test func innerErrorsKeepTheirPathsInOrder() {
  // The shape of Discord's documentation ("Array Error", "Object Error", "Request Error").
  let body = """
    {"code":50035,"message":"Invalid Form Body","errors":{
      "permission_overwrites":{
        "10":{"allow":{"_errors":[{"code":"NUMBER_TYPE_COERCE","message":"Value is not int."}]}},
        "2":{"allow":{"_errors":[{"code":"NUMBER_TYPE_MAX","message":"Too large."}]}}},
      "name":{"_errors":[{"code":"BASE_TYPE_BAD_LENGTH",
        "message":"Must be between 1 and 100 in length."},
        {"code":50,"message":"number as code"}]},
      "_errors":[{"code":"APPLICATION_COMMAND_TOO_LARGE","message":"whole body"}]}}
    """
  let failure = DiscordFailure(status: 400, body: Array(body.utf8))
  #expect(failure.code == 50_035)
  #expect(failure.message == "Invalid Form Body")
  #expect(
    failure.errors == [
      FieldError(path: "", code: "APPLICATION_COMMAND_TOO_LARGE", message: "whole body"),
      FieldError(
        path: "name", code: "BASE_TYPE_BAD_LENGTH",
        message: "Must be between 1 and 100 in length."),
      FieldError(path: "name", code: "50", message: "number as code"),
      FieldError(
        path: "permission_overwrites.2.allow", code: "NUMBER_TYPE_MAX", message: "Too large."),
      FieldError(
        path: "permission_overwrites.10.allow", code: "NUMBER_TYPE_COERCE",
        message: "Value is not int."),
    ])
  #expect(failure.description.contains("permission_overwrites.10.allow: Value is not int."))
}

@Test func otherBodiesBecomeABoundedMessage() {
  let html = "<html><head><title>502 Bad Gateway</title></head>\n<body>cloudflare</body></html>"
  #expect(
    DiscordFailure(status: 403, body: Array(html.utf8)).message == "502 Bad Gateway cloudflare")
  #expect(DiscordFailure(status: 403, body: Array("error code: 1015".utf8)).code == 0)
  #expect(DiscordFailure(status: 403, body: []).message == "no message")
  let long = DiscordFailure(status: 403, body: [UInt8](repeating: 0x61, count: 100_000))
  #expect(long.message.count == 201)
  let array = DiscordFailure(status: 400, body: Array("[1,2]".utf8))
  #expect(array.message == "[1,2]")
}

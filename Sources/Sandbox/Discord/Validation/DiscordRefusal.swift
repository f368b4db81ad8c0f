package import JSONValue

/// Discord's "no" to a request: a status of 400 to 499 with its code, its text and, for invalid
/// bodies, the complaints about single fields.
package struct DiscordRefusal: Error, Sendable, Hashable {
  /// HTTP status.
  package var status: Int
  /// Discord's own code; 0 for plain HTTP errors.
  package var code: Int64
  /// The text for people.
  package var message: String
  /// Only with code 50035.
  package var errors = FieldErrors()

  /// A refusal by its parts.
  package init(status: Int, code: Int64, message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  /// The answer's body.
  package var json: JSONValue {
    var result: JSONValue = ["code": .integer(code), "message": .string(message)]
    if !errors.isEmpty { result["errors"] = errors.json }
    return result
  }

  /// 50035 with complaints about fields.
  package static func invalidForm(_ errors: FieldErrors) -> Self {
    var result = Self(status: 400, code: 50035, message: "Invalid Form Body")
    result.errors = errors
    return result
  }

  /// 50035 with a single complaint.
  package static func invalidField(_ path: [String], _ code: String, _ message: String) -> Self {
    var errors = FieldErrors()
    errors.add(path, code, message)
    return invalidForm(errors)
  }

  static let unauthorized = Self(status: 401, code: 0, message: "401: Unauthorized")
  static let notFound = Self(status: 404, code: 0, message: "404: Not Found")
  static let methodNotAllowed = Self(status: 405, code: 0, message: "405: Method Not Allowed")
  static let blockedUserAgent = Self(
    status: 403, code: 40333, message: "internal network error")
  static let unknownChannel = Self(status: 404, code: 10003, message: "Unknown Channel")
  static let unknownGuild = Self(status: 404, code: 10004, message: "Unknown Guild")
  static let unknownInvite = Self(status: 404, code: 10006, message: "Unknown Invite")
  static let unknownMember = Self(status: 404, code: 10007, message: "Unknown Member")
  static let unknownOverwrite = Self(status: 404, code: 10009, message: "Unknown Overwrite")
  static let unknownRole = Self(status: 404, code: 10011, message: "Unknown Role")
  static let unknownUser = Self(status: 404, code: 10013, message: "Unknown User")
  static let unknownWebhook = Self(status: 404, code: 10015, message: "Unknown Webhook")
  static let botsCannotUse = Self(
    status: 400, code: 20001, message: "Bots cannot use this endpoint")
  static let tooManyRoles = Self(
    status: 400, code: 30005, message: "Maximum number of guild roles reached (250)")
  static let tooManyWebhooks = Self(
    status: 400, code: 30007, message: "Maximum number of webhooks reached (15)")
  static let tooManyChannels = Self(
    status: 400, code: 30013, message: "Maximum number of guild channels reached (500)")
  static let tooManyCategories = Self(
    status: 400, code: 30013, message: "Maximum number of guild channels reached (50)")
  static let tooManyOverwrites = Self(
    status: 400, code: 30060,
    message: "Maximum number of channel permission overwrites reached (1000)")
  static let oneParentAtATime = Self(
    status: 400, code: 40009, message: "You cannot change the parent of more than one channel")
  static let missingAccess = Self(status: 403, code: 50001, message: "Missing Access")
  static let missingPermissions = Self(status: 403, code: 50013, message: "Missing Permissions")
  static let tooLarge = Self(
    status: 413, code: 40005,
    message: "Request entity too large. Try sending something smaller in size")
  static let invalidRole = Self(status: 400, code: 50028, message: "Invalid Role")
  static let requiredForCommunity = Self(
    status: 400, code: 50074,
    message: "Cannot delete a channel required for Community guilds")
  static let needsBoosts = Self(
    status: 400, code: 50101,
    message: "This server needs more boosts to perform this action")
  static let invalidJSON = Self(
    status: 400, code: 50109, message: "The request body contains invalid JSON.")
  static let invalidHolographicColors = Self(
    status: 400, code: 670_008, message: "Invalid holographic role colors")
}

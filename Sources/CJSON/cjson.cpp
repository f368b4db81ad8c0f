#include "cjson.h"

#include <memory>
#include <new>
#include <simdjson.h>

struct cjson_document {
  simdjson::dom::document parsed;
};

namespace {

/// A parser that grew beyond this is dropped after use: one large list must not stay resident.
constexpr size_t kept_capacity = 256 * 1024;

/// Parsers hold scratch buffers; one for each thread saves their allocation for every small text.
std::unique_ptr<simdjson::dom::parser> &thread_parser() {
  static thread_local std::unique_ptr<simdjson::dom::parser> parser;
  return parser;
}

}  // namespace

cjson_document *cjson_parse(const uint8_t *bytes, size_t length, const char **error) {
  *error = nullptr;
  auto &parser = thread_parser();
  std::unique_ptr<cjson_document> document(new (std::nothrow) cjson_document);
  if (!parser) parser.reset(new (std::nothrow) simdjson::dom::parser);
  if (!parser || !document) {
    *error = "out of memory";
    return nullptr;
  }
  if (parser->capacity() < length || parser->max_depth() != CJSON_MAXIMUM_DEPTH) {
    const size_t capacity = length < 4096 ? 4096 : length;
    if (auto code = parser->allocate(capacity, CJSON_MAXIMUM_DEPTH)) {
      *error = simdjson::error_message(code);
      return nullptr;
    }
  }
  const auto result = parser->parse_into_document(document->parsed, bytes, length);
  if (parser->capacity() > kept_capacity) parser.reset();
  if (result.error()) {
    *error = simdjson::error_message(result.error());
    return nullptr;
  }
  return document.release();
}

void cjson_free(cjson_document *document) { delete document; }

const uint64_t *cjson_tape(const cjson_document *document) { return document->parsed.tape.get(); }

const uint8_t *cjson_strings(const cjson_document *document) {
  return document->parsed.string_buf.get();
}

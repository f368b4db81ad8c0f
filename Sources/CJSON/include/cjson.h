#ifndef CJSON_H
#define CJSON_H

// The seam to simdjson: JSON bytes in, simdjson's tape out. Nothing else includes <simdjson.h>.
//
// The tape is simdjson's documented DOM format: 64-bit words with a type character in the top eight
// bits and a payload in the lower 56.
//   'r'        root; the first word. The document's value starts at word 1
//   '{' '['    payload bits 0-31: index one past the closing word; bits 32-55: count (saturating)
//   '}' ']'    closing word
//   '"'        payload: offset into the string buffer: uint32_t length, the bytes, a NUL
//   'l' 'u' 'd' the next word holds an int64_t, a uint64_t or a double
//   't' 'f' 'n' true, false, null
// An object's members are a '"' word (the key) followed by the value's words.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Nesting deeper than this is refused, so that recursive readers of the tape need no guard.
#define CJSON_MAXIMUM_DEPTH 128

typedef struct cjson_document cjson_document;

/// Parses one JSON text. Returns NULL and sets *error to a static text when it is not valid JSON or
/// not valid UTF-8. The bytes need no padding and are not kept.
cjson_document *_Nullable cjson_parse(
    const uint8_t *_Nonnull bytes, size_t length, const char *_Nullable *_Nonnull error);

void cjson_free(cjson_document *_Nullable document);

/// The tape; valid as long as the document.
const uint64_t *_Nonnull cjson_tape(const cjson_document *_Nonnull document);

/// The string buffer; valid as long as the document.
const uint8_t *_Nonnull cjson_strings(const cjson_document *_Nonnull document);

#ifdef __cplusplus
}
#endif

#endif

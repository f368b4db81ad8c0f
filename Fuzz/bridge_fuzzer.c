// libFuzzer target for the bridge. An input is the body of a script's function, a NUL byte, and the
// JSON text of its argument; a part that is missing is empty. After a first byte of 0xff the body is
// not text but choices for script_writer.h.
//
// Beyond what the sanitizers see, four promises of clua.h are checked for every input: a run that
// fails says why; usage stays within the budgets; what comes out is JSON; and time slices are not
// visible to the script.

#include <cjson.h>
#include <clua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script_writer.h"

static const clua_limits limits = {
    .instructions = 20000,
    .slice_instructions = UINT64_MAX,
    .slice_nanoseconds = UINT64_MAX,
    .memory_bytes = 512 << 10,
    .string_bytes = 64 << 10,
    .effects = 16,
    .effect_bytes = 16 << 10,
    .result_bytes = 64 << 10,
};

/// Work in one call is charged at once; an overdrawn account is one instruction over, and a callback
/// that cannot be ended where it stands adds a few more on its way out.
enum { overdraft = 4096 };

/// Memory that is opened for the traceback after the budget is gone.
enum { reserve_bytes = 256 << 10 };

static const char library[] = "local perform = ... return { perform = perform }";
static const char head[] = "local host = require('lib.host') local rule = {}\nfunction rule.run(...)\n";
static const char tail[] = "\nend\nreturn rule";

struct outcome {
  clua_step last;
  clua_failure_kind failure;
  uint8_t *output;
  size_t length;
};

#define REQUIRE(condition)                                                        \
  do {                                                                            \
    if (!(condition)) {                                                           \
      fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                    \
    }                                                                             \
  } while (0)

static bool is_json(clua_bytes bytes) {
  const char *error = NULL;
  cjson_document *document = cjson_parse(bytes.bytes, bytes.length, &error);
  cjson_free(document);
  return document != NULL;
}

static clua_bundle *compile(const uint8_t *body, size_t length) {
  char message[256];
  clua_bundle *bundle = clua_bundle_create();
  REQUIRE(bundle != NULL);
  REQUIRE(clua_bundle_add(
      bundle, "lib.host", "lib/host.lua", true, (const uint8_t *)library, sizeof library - 1,
      message, sizeof message));
  size_t total = sizeof head - 1 + length + sizeof tail - 1;
  uint8_t *text = malloc(total);
  REQUIRE(text != NULL);
  memcpy(text, head, sizeof head - 1);
  memcpy(text + sizeof head - 1, body, length);
  memcpy(text + sizeof head - 1 + length, tail, sizeof tail - 1);
  bool compiled = clua_bundle_add(
      bundle, "resources.rule", "resources/rule.lua", false, text, total, message, sizeof message);
  free(text);
  if (compiled) return bundle;
  REQUIRE(memchr(message, 0, sizeof message) != NULL && message[0] != 0);
  clua_bundle_free(bundle);
  return NULL;
}

static void check_end(const clua_run *run, clua_step step) {
  clua_usage usage = clua_run_usage(run);
  REQUIRE(usage.effects <= limits.effects);
  REQUIRE(usage.peak_memory_bytes <= limits.memory_bytes + reserve_bytes);
  REQUIRE(usage.instructions <= limits.instructions + overdraft);
  clua_failure failure = clua_run_failure(run);
  if (step == CLUA_FINISHED) {
    REQUIRE(failure.kind == CLUA_NO_FAILURE);
    REQUIRE(clua_run_output(run).length <= limits.result_bytes);
    REQUIRE(is_json(clua_run_output(run)));
  } else {
    REQUIRE(failure.kind != CLUA_NO_FAILURE);
    REQUIRE(failure.message.bytes != NULL);
  }
}

static struct outcome run_once(
    const clua_bundle *bundle, const char *function, uint64_t slice, const uint8_t *argument,
    size_t length) {
  clua_limits chosen = limits;
  chosen.slice_instructions = slice;
  clua_run *run = clua_run_create(bundle, "resources.rule", function, &chosen);
  REQUIRE(run != NULL);
  if (length > 0) clua_run_add_argument(run, argument, length);
  clua_step step;
  for (;;) {
    step = clua_run_resume(run);
    if (step == CLUA_SLICE_ENDED) continue;
    if (step != CLUA_EFFECT) break;
    // The answer is the effect itself: what went out must come in again.
    clua_bytes effect = clua_run_output(run);
    REQUIRE(effect.length <= limits.effect_bytes);
    REQUIRE(clua_run_answer(run, effect.bytes, effect.length));
  }
  check_end(run, step);
  struct outcome outcome = {step, clua_run_failure(run).kind, NULL, 0};
  if (step == CLUA_FINISHED) {
    clua_bytes output = clua_run_output(run);
    outcome.length = output.length;
    outcome.output = malloc(output.length + 1);
    REQUIRE(outcome.output != NULL);
    memcpy(outcome.output, output.bytes, output.length);
  }
  clua_run_free(run);
  return outcome;
}

/// The keys of an object come in liblua's order, which differs from state to state, so texts are
/// compared by their length; `next` shows that order to scripts, and so does `pairs` for keys that are
/// tables or functions and have no order of their own.
static void require_same(const struct outcome *whole, const struct outcome *sliced) {
  if (whole->last != CLUA_FINISHED || sliced->last != CLUA_FINISHED) return;
  REQUIRE(whole->length == sliced->length);
}

static bool mentions(const uint8_t *text, size_t length, const char *word) {
  size_t word_length = strlen(word);
  for (size_t at = 0; at + word_length <= length; at++) {
    if (memcmp(text + at, word, word_length) == 0) return true;
  }
  return false;
}

static bool shows_order(const uint8_t *text, size_t length) {
  return mentions(text, length, "next") || mentions(text, length, "pairs");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *separator = size == 0 ? NULL : memchr(data, 0, size);
  size_t body_length = separator == NULL ? size : (size_t)(separator - data);
  static const uint8_t nothing[1] = {0};
  const uint8_t *argument = separator == NULL ? nothing : separator + 1;
  size_t argument_length = separator == NULL ? 0 : size - body_length - 1;
  clua_bundle *bundle;
  bool is_ordered;
  if (body_length > 0 && data[0] == 0xff) {
    static char text[32 << 10];
    size_t length = write_script(data + 1, body_length - 1, text, sizeof text);
    if (getenv("SHOW_SCRIPT") != NULL) fprintf(stderr, "%.*s\n", (int)length, text);
    bundle = compile((const uint8_t *)text, length);
    is_ordered = !shows_order((const uint8_t *)text, length);
  } else {
    bundle = compile(size == 0 ? nothing : data, body_length);
    is_ordered = !shows_order(data, body_length);
  }
  if (bundle == NULL) return 0;
  struct outcome whole = run_once(bundle, "run", UINT64_MAX, argument, argument_length);
  struct outcome sliced = run_once(bundle, "run", 250, argument, argument_length);
  if (is_ordered) require_same(&whole, &sliced);
  struct outcome described = run_once(bundle, NULL, UINT64_MAX, nothing, 0);
  uint8_t lines[64];
  (void)clua_bundle_lines(bundle, "resources.rule", lines, sizeof lines);
  free(whole.output);
  free(sliced.output);
  free(described.output);
  clua_bundle_free(bundle);
  return 0;
}

#ifndef BAREHOST_H
#define BAREHOST_H

// The least that a C program must do to run a rule: a new state with liblua's own libraries, the
// modules from bytecode that is kept between runs, JSON in, a coroutine that yields its effects,
// JSON out, and no collection. No sandbox, no budget, no traceback, no check of what comes out.

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct bare_host bare_host;

bare_host *_Nullable bare_host_create(void);
void bare_host_free(bare_host *_Nullable host);

/// Compiles a module and keeps its bytecode. Not 0 when it compiles.
int bare_host_add(bare_host *host, const char *name, const char *text, size_t length);

/// One run of a function with one argument, each effect being answered with `answer`; returns the
/// length of the results as JSON, or 0 when the run failed.
size_t bare_host_run(
    bare_host *host, const char *module, const char *function, const uint8_t *argument,
    size_t argument_length, const uint8_t *answer, size_t answer_length);

/// The results of the last run.
const uint8_t *_Nullable bare_host_output(const bare_host *host);

/// Bytes that are allocated in this process now.
size_t bare_host_bytes_in_use(void);

#pragma clang assume_nonnull end

#endif

#ifndef SCRIPT_WRITER_H
#define SCRIPT_WRITER_H

// Turns any bytes into the body of a function that compiles, so that mutations reach what scripts
// can call instead of ending at the compiler.

#include <stddef.h>
#include <stdint.h>

/// Returns the length of the text written; at most `capacity` - 1.
size_t write_script(const uint8_t *bytes, size_t size, char *text, size_t capacity);

#endif

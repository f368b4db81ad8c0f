#ifndef ANSWERS_H
#define ANSWERS_H

// A server on the loopback interface, with a thread of its own, that gives each request on each
// connection the same answer after the same time: what is measured is who asks.

#include <stddef.h>
#include <stdint.h>

/// Starts it; returns its port, or 0. It lives as long as the process.
uint16_t answers_start(const uint8_t *body, size_t length);

#endif

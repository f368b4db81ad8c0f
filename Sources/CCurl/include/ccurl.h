// The seam to libcurl. Swift cannot call variadic C functions, so each argument kind that
// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt take has one typed function here.
// Everything else of libcurl is used through its own header.
#ifndef CCURL_H
#define CCURL_H

// Gives CURL and CURLM types of their own in place of void.
#define CURL_STRICTER
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

typedef size_t (*ccurl_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

// libcurl copies the text, so it need not outlive the call. NULL puts the default back.
static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

// The list is not copied: it must live until the transfer has ended.
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_data_callback(
    CURL *easy, CURLoption option, ccurl_data_callback callback) {
  return curl_easy_setopt(easy, option, callback);
}

// libcurl copies the bytes.
static inline CURLcode ccurl_set_blob(
    CURL *easy, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob;
  blob.data = (void *)bytes;
  blob.len = count;
  blob.flags = CURL_BLOB_COPY;
  return curl_easy_setopt(easy, option, &blob);
}

static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

static inline void *ccurl_get_private(CURL *easy) {
  char *value = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
  return value;
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

// The readiness of libcurl's sockets by epoll, and its timers. One thread drives it; any may wake it.
typedef struct ccurl_reactor ccurl_reactor;

enum { CCURL_LANES = 2 };

// NULL when the system has no descriptors left.
ccurl_reactor *ccurl_reactor_create(void);

// Takes the sockets and timers of a multi handle over.
void ccurl_reactor_add(ccurl_reactor *reactor, int lane, CURLM *multi);

// Waits until a socket is ready, a timer of libcurl is due, somebody wakes it, or the time is over,
// and lets libcurl do what there is to do then.
void ccurl_reactor_turn(ccurl_reactor *reactor, int longest_milliseconds);

// Ends the wait of the turn that is going on, or of the next one.
void ccurl_reactor_wake(ccurl_reactor *reactor);

// After the multi handles are gone.
void ccurl_reactor_free(ccurl_reactor *reactor);

// Takes the next ended transfer from the multi handle; false when there is none.
bool ccurl_next_ended(CURLM *multi, CURL **easy, CURLcode *result);

// Refuses every request of libcurl to send a body again from its beginning, see ccurl.c.
CURLcode ccurl_forbid_rewind(CURL *easy);

// Makes the kernel give up a connection whose peer acknowledges nothing for so long.
CURLcode ccurl_set_unacknowledged_limit(CURL *easy);

// The values that a data callback returns to pause a transfer or to break it off.
static inline size_t ccurl_write_pause(void) { return CURL_WRITEFUNC_PAUSE; }
static inline size_t ccurl_read_abort(void) { return CURL_READFUNC_ABORT; }

// C's int constants where the options want a long.
static inline long ccurl_http_1_1(void) { return CURL_HTTP_VERSION_1_1; }
static inline long ccurl_http_2_over_tls(void) { return CURL_HTTP_VERSION_2TLS; }
static inline long ccurl_http_2(void) { return CURL_HTTP_VERSION_2_0; }
static inline int ccurl_pause_continue(void) { return CURLPAUSE_CONT; }

// Diagnosis, see there.
#include "ccurl_probe.h"

#endif

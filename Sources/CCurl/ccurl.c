#include "ccurl.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

// Milliseconds without an acknowledgement after which a connection is dead. A multiplexed
// connection would otherwise stay in the pool and collect one timed out request after the other.
static const unsigned int unacknowledged_limit = 30000;

bool ccurl_next_ended(CURLM *multi, CURL **easy, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    *easy = message->easy_handle;
    *result = message->data.result;
    return true;
  }
  return false;
}

// When a reused connection ends before the first byte of an answer, libcurl sends the request again
// on a new connection, a POST too. The server may have performed it, so that would be a second
// create. A body from a read callback can only be sent again after a rewind, and this refuses it:
// the transfer ends with CURLE_SEND_FAIL_REWIND instead.
static int refuse_rewind(void *context, curl_off_t offset, int origin) {
  (void)context;
  (void)offset;
  (void)origin;
  return CURL_SEEKFUNC_FAIL;
}

CURLcode ccurl_forbid_rewind(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, refuse_rewind);
}

static int limit_unacknowledged(void *context, curl_socket_t socket, curlsocktype purpose) {
  (void)context;
  if (purpose == CURLSOCKTYPE_IPCXN)
    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_limit,
               sizeof unacknowledged_limit);
  return CURL_SOCKOPT_OK;
}

CURLcode ccurl_set_unacknowledged_limit(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, limit_unacknowledged);
}

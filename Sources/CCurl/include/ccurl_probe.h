// One connection, looked at layer by layer, in one blocking call. For diagnosis only: the provider's
// requests go through the multi interface.
#ifndef CCURL_PROBE_H
#define CCURL_PROBE_H

#include "ccurl.h"

typedef enum {
  CCURL_PROBE_CONNECT,  // TCP, and TLS where the URL is https
  CCURL_PROBE_GET,      // a GET
} ccurl_probe_kind;

typedef struct {
  int result;       // CURLcode
  long os_error;    // errno of a failed connect
  long status;      // of the answer; 0 without one
  double resolved;  // seconds until each was done; 0 when it was not
  double connected;
  double secured;
  double answered;
  double total;
  char address[64];
  char message[256];
  size_t body_length;   // of what is in `body`
  bool body_is_whole;
} ccurl_probe_result;

// Connects to a URL. Without `verifies`, any certificate will do. `authorities` is PEM text,
// `authority_file` a file of it for when there is none; without both the system's count. The chain goes to `certificates`,
// in lines "NUMBER\tNAME:VALUE", the server's own first. What has no room in `body` is thrown away.
void ccurl_probe(const char *url, ccurl_probe_kind kind, bool verifies, const char *authorities,
                 const char *authority_file, long timeout_milliseconds,
                 ccurl_probe_result *result, char *certificates, size_t size, unsigned char *body,
                 size_t room);

// The addresses of a host, one a line; the answer is getaddrinfo's, 0 for success.
int ccurl_resolve(const char *host, char *addresses, size_t size);

// What getaddrinfo's answer means.
const char *ccurl_resolve_message(int code);

#endif

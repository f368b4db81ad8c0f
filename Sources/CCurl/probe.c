#include "ccurl_probe.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

typedef struct {
  unsigned char *bytes;
  size_t room;
  ccurl_probe_result *result;
} kept_body;

static size_t keep(char *bytes, size_t size, size_t count, void *context) {
  kept_body *kept = context;
  size_t length = size * count;
  size_t left = kept->room - kept->result->body_length;
  size_t taken = length < left ? length : left;
  if (taken > 0) memcpy(kept->bytes + kept->result->body_length, bytes, taken);
  kept->result->body_length += taken;
  if (taken < length) kept->result->body_is_whole = false;
  return length;
}

static double seconds(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, info, &value);
  return (double)value / 1e6;
}

// The text of each certificate's fields that say who, by whom and until when.
static void copy_certificates(CURL *easy, char *text, size_t size) {
  static const char *const wanted[] = {"Subject:", "Issuer:", "Start date:", "Expire date:"};
  struct curl_certinfo *info = NULL;
  size_t used = 0;
  text[0] = 0;
  if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL) return;
  for (int number = 0; number < info->num_of_certs; number++) {
    for (struct curl_slist *entry = info->certinfo[number]; entry != NULL; entry = entry->next) {
      for (size_t name = 0; name < sizeof wanted / sizeof *wanted; name++) {
        if (strncmp(entry->data, wanted[name], strlen(wanted[name])) != 0) continue;
        int written = snprintf(text + used, size - used, "%d\t%s\n", number, entry->data);
        if (written < 0 || (size_t)written >= size - used) {
          text[used] = 0;
          return;
        }
        used += (size_t)written;
      }
    }
  }
}

void ccurl_probe(const char *url, ccurl_probe_kind kind, bool verifies, const char *authorities,
                 const char *authority_file, long timeout_milliseconds,
                 ccurl_probe_result *result, char *certificates, size_t size, unsigned char *body,
                 size_t room) {
  char message[CURL_ERROR_SIZE] = "";
  char *address = NULL;
  memset(result, 0, sizeof *result);
  result->body_is_whole = true;
  kept_body kept = {body, room, result};
  certificates[0] = 0;
  CURL *easy = curl_easy_init();
  if (easy == NULL) {
    result->result = CURLE_FAILED_INIT;
    return;
  }
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_milliseconds);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_milliseconds);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &kept);
  // Discord answers 403 to another form, which counts towards its ban of the address.
  curl_easy_setopt(easy, CURLOPT_USERAGENT,
                   "DiscordBot (https://github.com/crossplane-contrib/provider-discord, 1)");
  curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
  if (kind == CCURL_PROBE_CONNECT) {
    // A layer is looked at, so nothing may stand between.
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  }
  if (!verifies) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (authorities != NULL) {
    struct curl_blob blob = {(void *)authorities, strlen(authorities), CURL_BLOB_COPY};
    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
  } else if (authority_file != NULL) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, authority_file);
  }
  result->result = (int)curl_easy_perform(easy);
  result->os_error = ccurl_get_long(easy, CURLINFO_OS_ERRNO);
  result->status = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE);
  result->resolved = seconds(easy, CURLINFO_NAMELOOKUP_TIME_T);
  result->connected = seconds(easy, CURLINFO_CONNECT_TIME_T);
  result->secured = seconds(easy, CURLINFO_APPCONNECT_TIME_T);
  result->answered = seconds(easy, CURLINFO_STARTTRANSFER_TIME_T);
  result->total = seconds(easy, CURLINFO_TOTAL_TIME_T);
  if (curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address) == CURLE_OK && address != NULL)
    snprintf(result->address, sizeof result->address, "%s", address);
  const char *text =
      message[0] != 0 ? message : curl_easy_strerror((CURLcode)result->result);
  snprintf(result->message, sizeof result->message, "%s", text);
  copy_certificates(easy, certificates, size);
  curl_easy_cleanup(easy);
}

int ccurl_resolve(const char *host, char *addresses, size_t size) {
  struct addrinfo hints;
  struct addrinfo *found = NULL;
  size_t used = 0;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  addresses[0] = 0;
  int code = getaddrinfo(host, NULL, &hints, &found);
  if (code != 0) return code;
  for (struct addrinfo *entry = found; entry != NULL; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, NULL, 0,
                    NI_NUMERICHOST) != 0)
      continue;
    int written = snprintf(addresses + used, size - used, "%s\n", text);
    if (written < 0 || (size_t)written >= size - used) {
      addresses[used] = 0;
      break;
    }
    used += (size_t)written;
  }
  freeaddrinfo(found);
  return 0;
}

const char *ccurl_resolve_message(int code) { return gai_strerror(code); }

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "ccurl.h"

// curl_multi_perform and curl_multi_poll look at every transfer each time: with twenty transfers on
// one HTTP/2 connection that was 145 polls for each object that the provider made. Here the kernel
// says which socket is ready, and a new request touches no other one.

enum { events_at_once = 64 };

struct lane {
  ccurl_reactor *reactor;
  CURLM *multi;
  uint64_t tag;
  // When libcurl wants to be called, in milliseconds of the monotonic clock; -1 for never.
  int64_t deadline;
};

struct ccurl_reactor {
  int epoll;
  int wake;
  struct lane lanes[CCURL_LANES];
};

// An event carries its socket in the lower half, and above it the number of its lane from 1 on; 0 is
// the wake-up's.
static uint64_t tag_of(int lane) { return (uint64_t)(lane + 1) << 32; }

static int64_t now_milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int watch_socket(
    CURL *easy, curl_socket_t socket, int what, void *context, void *is_watched) {
  (void)easy;
  struct lane *lane = context;
  int epoll = lane->reactor->epoll;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, socket, NULL);
    return 0;
  }
  struct epoll_event event = {0};
  event.data.u64 = lane->tag | (uint32_t)socket;
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  if (is_watched != NULL && epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0) return 0;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) return -1;
  curl_multi_assign(lane->multi, socket, lane);
  return 0;
}

static int set_timer(CURLM *multi, long milliseconds, void *context) {
  (void)multi;
  struct lane *lane = context;
  lane->deadline = milliseconds < 0 ? -1 : now_milliseconds() + milliseconds;
  return 0;
}

ccurl_reactor *ccurl_reactor_create(void) {
  struct ccurl_reactor *reactor = calloc(1, sizeof *reactor);
  if (reactor == NULL) return NULL;
  reactor->epoll = epoll_create1(EPOLL_CLOEXEC);
  reactor->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // Edge-triggered: each write to it is one event, and nobody has to read it.
  struct epoll_event event = {0};
  event.events = EPOLLIN | EPOLLET;
  if (reactor->epoll < 0 || reactor->wake < 0 ||
      epoll_ctl(reactor->epoll, EPOLL_CTL_ADD, reactor->wake, &event) != 0) {
    ccurl_reactor_free(reactor);
    return NULL;
  }
  return reactor;
}

void ccurl_reactor_add(ccurl_reactor *reactor, int number, CURLM *multi) {
  struct lane *lane = &reactor->lanes[number];
  *lane = (struct lane){reactor, multi, tag_of(number), -1};
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, lane);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, lane);
}

void ccurl_reactor_free(ccurl_reactor *reactor) {
  if (reactor == NULL) return;
  if (reactor->epoll >= 0) close(reactor->epoll);
  if (reactor->wake >= 0) close(reactor->wake);
  free(reactor);
}

void ccurl_reactor_wake(ccurl_reactor *reactor) {
  static const uint64_t one = 1;
  // It fails only when the counter is full, which takes 2^64 - 1 calls.
  ssize_t written = write(reactor->wake, &one, sizeof one);
  (void)written;
}

static int readiness(uint32_t events) {
  int mask = 0;
  // The end of a connection is found by reading.
  if (events & (EPOLLIN | EPOLLHUP)) mask |= CURL_CSELECT_IN;
  if (events & EPOLLOUT) mask |= CURL_CSELECT_OUT;
  if (events & EPOLLERR) mask |= CURL_CSELECT_ERR;
  return mask;
}

static int64_t milliseconds_to_wait(const ccurl_reactor *reactor, int longest) {
  int64_t wait = longest;
  for (int i = 0; i < CCURL_LANES; i++) {
    const struct lane *lane = &reactor->lanes[i];
    if (lane->multi == NULL || lane->deadline < 0) continue;
    int64_t left = lane->deadline - now_milliseconds();
    if (left < wait) wait = left < 0 ? 0 : left;
  }
  return wait;
}

static void serve_timer(struct lane *lane) {
  int running = 0;
  if (lane->multi == NULL || lane->deadline < 0 || lane->deadline > now_milliseconds()) return;
  // libcurl sets the next one while it runs.
  lane->deadline = -1;
  curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void ccurl_reactor_turn(ccurl_reactor *reactor, int longest_milliseconds) {
  struct epoll_event events[events_at_once];
  int wait = (int)milliseconds_to_wait(reactor, longest_milliseconds);
  int count = epoll_wait(reactor->epoll, events, events_at_once, wait);
  for (int i = 0; i < count; i++) {
    uint64_t lane = events[i].data.u64 >> 32;
    if (lane == 0) continue;
    int running = 0;
    curl_multi_socket_action(
        reactor->lanes[lane - 1].multi, (curl_socket_t)(uint32_t)events[i].data.u64,
        readiness(events[i].events), &running);
  }
  for (int i = 0; i < CCURL_LANES; i++) serve_timer(&reactor->lanes[i]);
}

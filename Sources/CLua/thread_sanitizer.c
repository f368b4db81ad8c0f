// liblua leaves a protected call through glibc's __longjmp_chk (Debian builds it with
// _FORTIFY_SOURCE), which ThreadSanitizer does not know. It then keeps the call frames that were
// jumped over on its shadow stack, and after some hundred thousand errors writes past its end. In
// its builds this definition takes the place of glibc's and goes through the one that it knows.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#include <setjmp.h>

__attribute__((noreturn, no_sanitize("thread"))) void __longjmp_chk(
    struct __jmp_buf_tag buffer[1], int value);

void __longjmp_chk(struct __jmp_buf_tag buffer[1], int value) { longjmp(buffer, value); }
#endif
#endif

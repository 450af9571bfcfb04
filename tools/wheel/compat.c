// What Debian 12's libraries ask of a C library newer than the hosts that the wheel is for. See older_glibc.py.
#include <sys/random.h>

// As in BSD: filled whole, never fails.
void arc4random_buf(void *buffer, unsigned long size) {
  char *next = buffer;
  while (size > 0) {
    long got = getrandom(next, size, 0);
    if (got > 0) {
      next += got;
      size -= (unsigned long)got;
    }
  }
}

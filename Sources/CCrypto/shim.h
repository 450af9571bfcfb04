// OpenSSL's libcrypto: digests and signatures.
#pragma once
#include <openssl/evp.h>

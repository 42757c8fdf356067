/*
 * Codecs of libspandsp for tests: octets or samples (16 bits, of this machine's order) come in, the other goes out.
 * judge encode|decode PCMU|PCMA|G722|GSM|G726-<rate>|AAL2-G726-<rate>
 */
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 4000000
static int16_t samples[ROOM];
static uint8_t octets[ROOM];

static int encode(const char *codec, int count)
{
  if (strcmp(codec, "PCMU") == 0 || strcmp(codec, "PCMA") == 0) {
    for (int i = 0; i < count; i++)
      octets[i] = codec[3] == 'U' ? linear_to_ulaw(samples[i]) : linear_to_alaw(samples[i]);
    return count;
  }
  if (strcmp(codec, "G722") == 0)
    return g722_encode(g722_encode_init(NULL, 64000, 0), octets, samples, count);
  if (strcmp(codec, "GSM") == 0)
    return gsm0610_encode(gsm0610_init(NULL, GSM0610_PACKING_VOIP), octets, samples, count);
  int packing = codec[0] == 'A' ? G726_PACKING_LEFT : G726_PACKING_RIGHT;
  int rate = atoi(strrchr(codec, '-') + 1) * 1000;
  return g726_encode(g726_init(NULL, rate, G726_ENCODING_LINEAR, packing), octets, samples, count);
}

static int decode(const char *codec, int count)
{
  if (strcmp(codec, "PCMU") == 0 || strcmp(codec, "PCMA") == 0) {
    for (int i = 0; i < count; i++)
      samples[i] = codec[3] == 'U' ? ulaw_to_linear(octets[i]) : alaw_to_linear(octets[i]);
    return count;
  }
  if (strcmp(codec, "G722") == 0)
    return g722_decode(g722_decode_init(NULL, 64000, 0), samples, octets, count);
  if (strcmp(codec, "GSM") == 0)
    return gsm0610_decode(gsm0610_init(NULL, GSM0610_PACKING_VOIP), samples, octets, count);
  int packing = codec[0] == 'A' ? G726_PACKING_LEFT : G726_PACKING_RIGHT;
  int rate = atoi(strrchr(codec, '-') + 1) * 1000;
  return g726_decode(g726_init(NULL, rate, G726_ENCODING_LINEAR, packing), samples, octets, count);
}

int main(int argc, char **argv)
{
  if (argc != 3) return 2;
  if (strcmp(argv[1], "encode") == 0) {
    int count = (int)fread(samples, 2, ROOM / 2, stdin);
    fwrite(octets, 1, (size_t)encode(argv[2], count), stdout);
  } else {
    int count = (int)fread(octets, 1, ROOM / 4, stdin);
    fwrite(samples, 2, (size_t)decode(argv[2], count), stdout);
  }
  return 0;
}

/* Numbers of one or two registers in another order: number i of the result is number at[i] of a,
   or of a and b one behind the other. gcc has a word for it; clang makes it of the loop. */
#ifndef MS_SHUFFLE_H
#define MS_SHUFFLE_H

#ifdef __clang__
#define MS_SHUFFLE(a, at)                                                                        \
  ({                                                                                             \
    __typeof__(+(a)) from_ = (a), to_;                                                         \
    for (int i_ = 0; i_ < (int)(sizeof to_ / sizeof to_[0]); i_++) to_[i_] = from_[(at)[i_]];    \
    to_;                                                                                         \
  })
#define MS_SHUFFLE_TWO(a, b, at)                                                                 \
  ({                                                                                             \
    enum { COUNT_ = sizeof(a) / sizeof(a)[0] };                                                  \
    __typeof__(+(a)) to_;                                                                        \
    for (int i_ = 0; i_ < COUNT_; i_++)                                                          \
      to_[i_] = (at)[i_] < COUNT_ ? (a)[(at)[i_] % COUNT_] : (b)[(at)[i_] % COUNT_];             \
    to_;                                                                                         \
  })
#else
#define MS_SHUFFLE(a, at)        __builtin_shuffle(a, at)
#define MS_SHUFFLE_TWO(a, b, at) __builtin_shuffle(a, b, at)
#endif

#endif

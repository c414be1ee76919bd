// Defines `md2-worker datagen captcha`: a data set of pictures of digits.

#ifndef MD2_SERVER_WORKER_DATAGEN_CAPTCHA_COMMAND_H_
#define MD2_SERVER_WORKER_DATAGEN_CAPTCHA_COMMAND_H_

#include "server/worker/command.h"

namespace md2::worker {

Command DatagenCaptchaCommand();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_DATAGEN_CAPTCHA_COMMAND_H_

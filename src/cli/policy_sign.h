// cloison policy sign, of a policy that brings organisations.
#ifndef CLOISON_CLI_POLICY_SIGN_H_
#define CLOISON_CLI_POLICY_SIGN_H_

#include "cli/commands.h"

namespace cloison::cli {

// `founders`: FILE, who begins the organisations that the policy brings; "" for nobody.
ExitCode PolicySign(const PolicySignOptions& options, const std::string& founders,
                    const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_POLICY_SIGN_H_

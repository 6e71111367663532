// booted.cc — one file, under all the names.

#include "booted.hh"

namespace lab {

sprat::grading::Booted boot_system(sprat::grading::Trial& trial, unsigned cpus,
                                   const std::vector<std::string>& programs) {
  sprat::grading::Boot boot{.image = "sprat",
                            .test = "system",
                            .program = "system-probe",
                            .speaker = "home",
                            .cpus = cpus,
                            .memory_mib = 64};
  for (const std::string& words : programs)
    boot.modules.push_back({trial.artifact("../user/system-programs"), words});
  return trial.boot(boot);
}

}  // namespace lab

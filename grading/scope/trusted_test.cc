// trusted_test.cc — the scope in QEMU, with a program whose bytes it knows: markers and events of other code do not count.

#include <criterion/criterion.h>
#include <elf.h>

#include <iomanip>
#include <span>

#include "scope/guest_machine.hh"

namespace sprat::scope_test {
namespace {

// A file that tells the scope to trust a guest.
class TrustFile {
 public:
  explicit TrustFile(const std::string& guest) {
    require(close(mkstemp(path_.data())) == 0, "cannot make " + path_);
    std::ifstream file(guest_file(guest), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto& header = *reinterpret_cast<const Elf32_Ehdr*>(bytes.data());
    const auto* parts = reinterpret_cast<const Elf32_Phdr*>(bytes.data() + header.e_phoff);
    std::ofstream trust(path_);
    trust << std::hex << std::setfill('0');
    for (const Elf32_Phdr& part : std::span(parts, header.e_phnum)) {
      if (part.p_type != PT_LOAD || part.p_filesz == 0) continue;
      trust << "text " << part.p_vaddr << " ";
      for (const unsigned char byte : bytes.substr(part.p_offset, part.p_filesz))
        trust << std::setw(2) << unsigned{byte};
      trust << "\n";
    }
  }
  ~TrustFile() { fs::remove(path_); }

  std::string argument() const { return ",trust=" + path_; }

 private:
  std::string path_ = (fs::temp_directory_path() / "trust-XXXXXX").string();
};

}  // namespace

Test(scope, markers_of_made_code_are_strangers) {
  const TrustFile trust("made_code");
  const ScopeReport report = run("made_code", kOneByOne, trust.argument());
  expect(region(report, 1), {{"entries", 2}, {"ends", 2}, {"strangers", 2}, {"unpaired", 0}});
  cr_assert_eq(report.witnesses.size(), 1);
  cr_expect_eq(report.witnesses[0].text, "");
}

Test(scope, events_of_made_code_do_not_count) {
  const TrustFile trust("made_code");
  Machine with("made_code", kOneByOne, trust.argument(), true);
  cr_expect_eq(with.status(), kDone);
  cr_expect(with.events() == std::vector<unsigned>{7});
  Machine without("made_code", kOneByOne, "", true);
  cr_expect_eq(without.status(), kDone);
  cr_expect((without.events() == std::vector<unsigned>{7, 8}),
            "no program is trusted, and all are noted");
}

Test(scope, markers_out_of_turn_are_told) {
  const TrustFile trust("regions");
  const ScopeReport report = run("regions", kOneByOne, trust.argument());
  expect(region(report, 1), {{"strangers", 0}, {"unpaired", 0}});
  expect(region(report, 4), {{"strangers", 0}, {"unpaired", 2}});
  expect(region(report, 5), {{"strangers", 0}, {"unpaired", 1}});
}

Test(scope, a_program_at_the_trusted_address_with_other_bytes_is_a_stranger) {
  const TrustFile trust("counts");
  const ScopeReport report = run("regions", kOneByOne, trust.argument());
  cr_expect_gt(region(report, 1).at("strangers"), 0);
}

}  // namespace sprat::scope_test

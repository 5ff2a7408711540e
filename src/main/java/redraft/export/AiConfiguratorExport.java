package redraft.export;

import java.util.List;

/** What AIConfigurator is to assume of acceptance. */
final class AiConfiguratorExport implements EngineExport {
  private static final ReleasedEngine ENGINE = ReleasedEngine.read("aiconfigurator");

  @Override
  public ReleasedEngine engine() {
    return ENGINE;
  }

  @Override
  public Printed speculative(Choice choice, Names names) {
    return Printed.command(
        List.of(),
        new Shell()
            .flag("--nextn", choice.draftLength())
            .flag("--nextn-accepted", choice.accepted()),
        List.of(
            "add these to aiconfigurator cli; it prices drafting as MTP layers of the target, whatever drafts"));
  }

  @Override
  public Printed plain(Names names) {
    return Printed.command(List.of(), new Shell().flag("--nextn", 0), List.of());
  }
}

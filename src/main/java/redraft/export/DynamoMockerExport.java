package redraft.export;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/** Acceptance that Dynamo's mocker draws by. */
final class DynamoMockerExport implements EngineExport {
  private static final ReleasedEngine ENGINE = ReleasedEngine.read("dynamo-mocker");
  private static final int MOST = 5; // drafted tokens, says its help

  @Override
  public ReleasedEngine engine() {
    return ENGINE;
  }

  @Override
  public Printed speculative(Choice choice, Names names) {
    if (choice.draftLength() > MOST) {
      throw new IllegalArgumentException(
          "Dynamo mocker drafts 1 to "
              + MOST
              + " tokens, and the best draft length is "
              + choice.draftLength()
              + "; look among those that it takes (--draft-length 1.."
              + MOST
              + ")");
    }
    String prefix = choice.release().has("--ais-nextn") ? "--ais" : "--aic";
    return Printed.command(
        List.of(),
        new Shell("python", "-m", "dynamo.mocker", "--model-path")
            .word(names.target())
            .flag(prefix + "-nextn", choice.draftLength())
            .flag(
                prefix + "-nextn-accept-rates",
                choice.conditionalRates().stream()
                    .map(BigDecimal::toPlainString)
                    .collect(Collectors.joining(","))),
        List.of("its rates are conditional: P(token i accepted | those before it were)"));
  }

  @Override
  public Printed plain(Names names) {
    return Printed.command(
        List.of(),
        new Shell("python", "-m", "dynamo.mocker", "--model-path").word(names.target()),
        List.of());
  }
}

package migration;

import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Catalog of the functions that the jobs call for every row, like `migration.item(struct(...), plan)`.
 *
 * <p>Spark calls each function's method `invoke` with its internal values and converts nothing:
 * https://spark.apache.org/docs/3.5.0/api/java/org/apache/spark/sql/connector/catalog/functions/ScalarFunction.html
 */
public final class Functions implements FunctionCatalog {
    private static final Map<String, Function<StructType, BoundFunction>> KNOWN = Map.ofEntries(
        Map.entry("item", RowFunctions.Item::new),
        Map.entry("reason", RowFunctions.Reason::new),
        Map.entry("row_hash", RowFunctions.Hash::new),
        Map.entry("source_marks", RowFunctions.SourceMarks::new),
        Map.entry("source_term", RowFunctions.SourceTerm::new),
        Map.entry("source_key", RowFunctions.SourceKey::new),
        Map.entry("source_texts", RowFunctions.SourceTexts::new),
        Map.entry("export_marks", LineFunctions.ExportMarks::new),
        Map.entry("export_bits", LineFunctions.ExportBits::new),
        Map.entry("export_term", LineFunctions.ExportTerm::new),
        Map.entry("export_key", LineFunctions.ExportKey::new),
        Map.entry("export_texts", LineFunctions.ExportTexts::new),
        Map.entry("export_raw", LineFunctions.ExportRaw::new),
        Map.entry("change", types -> new Change()),
        Map.entry("typed", TextFunctions.Typed::new),
        Map.entry("difference", Difference::new),
        Map.entry("again", types -> new HashFunctions.Again()),
        Map.entry("marked", types -> new HashFunctions.Marked()),
        Map.entry("superseded", types -> new SupersededRows()),
        Map.entry("cluster_of", types -> new HashFunctions.ClusterOf()));

    private static final Pattern NUMBERED = Pattern.compile("(export_marks|export_term|counted)_(\\d+)");

    private String name;

    @Override
    public void initialize(String catalog, CaseInsensitiveStringMap options) {
        name = catalog;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Identifier[] listFunctions(String[] namespace) {
        return KNOWN.keySet().stream().map(function -> Identifier.of(namespace, function)).toArray(Identifier[]::new);
    }

    @Override
    public UnboundFunction loadFunction(Identifier identifier) throws NoSuchFunctionException {
        Matcher numbered = NUMBERED.matcher(identifier.name());
        Function<StructType, BoundFunction> make = numbered.matches()
            ? keeping(numbered.group(1), Long.parseLong(numbered.group(2))) : KNOWN.get(identifier.name());
        if (make == null) {
            throw new NoSuchFunctionException(identifier);
        }
        return new Unbound(identifier.name(), make);
    }

    private static Function<StructType, BoundFunction> keeping(String name, long number) {
        if ("counted".equals(name)) {
            RowCounts counts = RowCounts.of(number);
            return counts == null ? null : arguments -> new RowCounts.Counted(counts);
        }
        SampledLines lines = SampledLines.of(number);
        if (lines == null) {
            return null;
        }
        return "export_term".equals(name) ? arguments -> new LineFunctions.ExportTerm(arguments, lines)
            : arguments -> new LineFunctions.ExportMarks(arguments, lines);
    }

    /** A function before the types of its arguments are known. */
    record Unbound(String name, Function<StructType, BoundFunction> make) implements UnboundFunction {
        @Override
        public BoundFunction bind(StructType arguments) {
            return make.apply(arguments);
        }

        @Override
        public String description() {
            return name;
        }
    }
}

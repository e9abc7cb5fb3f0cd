package migration;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Functions of an export's line. */
public final class LineFunctions {
    private LineFunctions() {
    }

    /** Function that returns the fingerprint of a line's item; null if the line is not an item. */
    public static final class ExportMarks extends PlannedFunction<Marking, InternalRow> {
        private final SampledLines sampled;

        ExportMarks(StructType arguments) {
            this(arguments, null);
        }

        /** Create a function that also keeps the lines of sampled keys. */
        ExportMarks(StructType arguments, SampledLines sampled) {
            super(arguments, Fingerprint.TYPE, plan -> new Marking(new ExportReader(plan), new Fingerprint(plan)));
            this.sampled = sampled;
        }

        /** Read the line. */
        public InternalRow invoke(UTF8String line, UTF8String plan) {
            Marking marking = worker(plan);
            ExportReader reader = marking.reader;
            if (!reader.read(line.getBytes())) {
                return null;
            }
            InternalRow marks = marking.fingerprint.of(reader.values, reader.others.size());
            if (sampled != null) {
                sampled.offer(marks.getLong(0), line);
            }
            return marks;
        }
    }

    /** Function that returns 192 bits of a line's key and item; null if the line is not an item or has no key. */
    public static final class ExportBits extends PlannedFunction<Marking, InternalRow> {
        ExportBits(StructType arguments) {
            super(arguments, Fingerprint.NARROW_TYPE,
                plan -> new Marking(new ExportReader(plan), new Fingerprint(plan)));
        }

        /** Read the line. */
        public InternalRow invoke(UTF8String line, UTF8String plan) {
            Marking marking = worker(plan);
            ExportReader reader = marking.reader;
            return reader.read(line.getBytes()) ? marking.fingerprint.narrow(reader.values, reader.others.size())
                : null;
        }
    }

    /** Function that returns the term that a line's item adds to its bucket; null if the line is not an item. */
    public static final class ExportTerm extends PlannedFunction<Adding, InternalRow> {
        private final SampledLines sampled;

        ExportTerm(StructType arguments) {
            this(arguments, null);
        }

        /** Create a function that also keeps the lines of sampled keys. */
        ExportTerm(StructType arguments, SampledLines sampled) {
            super(arguments, Term.TYPE, plan -> new Adding(new ExportReader(plan), new Term(plan)));
            this.sampled = sampled;
        }

        /** Read the line. */
        public InternalRow invoke(UTF8String line, UTF8String plan) {
            Adding adding = worker(plan);
            ExportReader reader = adding.reader;
            if (!reader.read(line.getBytes())) {
                return null;
            }
            InternalRow term = adding.term.of(reader.values, reader.others.size());
            if (sampled != null) {
                sampled.offer(term.getLong(0), line);
            }
            return term;
        }
    }

    /** Function that returns the key's part of a line's term; the rest of the line may still be invalid. */
    public static final class ExportKey extends PlannedFunction<Adding, InternalRow> {
        ExportKey(StructType arguments) {
            super(arguments, Term.KEY_TYPE, plan -> new Adding(new ExportReader(plan), new Term(plan)));
        }

        /** Read the line as far as it is needed. */
        public InternalRow invoke(UTF8String line, UTF8String plan) {
            Adding adding = worker(plan);
            return adding.reader.readKey(line.getBytes()) ? adding.term.key(adding.reader.values) : null;
        }
    }

    /** Function that returns a line's attributes as texts, null for an attribute without a value of its kind. */
    public static final class ExportTexts extends PlannedFunction<ExportReader, ArrayData> {
        ExportTexts(StructType arguments) {
            super(arguments, TEXTS, ExportReader::new);
        }

        /** Read the line. */
        public ArrayData invoke(UTF8String line, UTF8String plan) {
            ExportReader reader = worker(plan);
            return reader.read(line.getBytes()) ? reader.values.asTexts() : null;
        }
    }

    /** Function that returns a line's attributes as the line writes them, and the names of unknown attributes. */
    public static final class ExportRaw extends PlannedFunction<ExportReader, ArrayData> {
        ExportRaw(StructType arguments) {
            super(arguments, TEXTS, ExportReader::new);
        }

        /** Read the line. */
        public ArrayData invoke(UTF8String line, UTF8String plan) {
            ExportReader reader = worker(plan);
            byte[] bytes = line.getBytes();
            Object[] stored = reader.raw(bytes);
            Object[] raw = Arrays.copyOf(stored, stored.length + 1);
            if (reader.read(bytes)) {
                raw[stored.length] = UTF8String.fromString(String.join(",", reader.others));
            }
            return new GenericArrayData(raw);
        }
    }

    /** A reader, and the term of the values that it reads. */
    record Adding(ExportReader reader, Term term) {
    }

    /** A reader, and the fingerprint of the values that it reads. */
    record Marking(ExportReader reader, Fingerprint fingerprint) {
    }
}

package migration;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** What is made of an export's line. */
public final class LineFunctions {
    private LineFunctions() {
    }

    /** What stands for the item of an export's line; null where the line is no item. */
    public static final class ExportMarks extends Planned<Marking, InternalRow> {
        private final SampledLines sampled;

        ExportMarks(StructType arguments) {
            this(arguments, null);
        }

        /** Make one that keeps the lines of some keys. */
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

    /** The key and the row of an export's line as 192 bits; null where the line is no item, or has no key. */
    public static final class ExportBits extends Planned<Marking, InternalRow> {
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

    /** What the item of an export's line adds to the sums of its bucket; null where the line is no item. */
    public static final class ExportTerm extends Planned<Adding, InternalRow> {
        private final SampledLines sampled;

        ExportTerm(StructType arguments) {
            this(arguments, null);
        }

        /** Make one that keeps the lines of some keys. */
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

    /** The bucket's part of the same; the rest of the line may be no item nevertheless. */
    public static final class ExportKey extends Planned<Adding, InternalRow> {
        ExportKey(StructType arguments) {
            super(arguments, Term.KEY_TYPE, plan -> new Adding(new ExportReader(plan), new Term(plan)));
        }

        /** Read the line as far as it is needed. */
        public InternalRow invoke(UTF8String line, UTF8String plan) {
            Adding adding = worker(plan);
            return adding.reader.readKey(line.getBytes()) ? adding.term.key(adding.reader.values) : null;
        }
    }

    /** The attributes of an export's line as texts, null where there is none of its kind. */
    public static final class ExportTexts extends Planned<ExportReader, ArrayData> {
        ExportTexts(StructType arguments) {
            super(arguments, TEXTS, ExportReader::new);
        }

        /** Read the line. */
        public ArrayData invoke(UTF8String line, UTF8String plan) {
            ExportReader reader = worker(plan);
            return reader.read(line.getBytes()) ? reader.values.told() : null;
        }
    }

    /** The attributes of an export's line as it says them, and the names of those that no source has. */
    public static final class ExportRaw extends Planned<ExportReader, ArrayData> {
        ExportRaw(StructType arguments) {
            super(arguments, TEXTS, ExportReader::new);
        }

        /** Read the line. */
        public ArrayData invoke(UTF8String line, UTF8String plan) {
            ExportReader reader = worker(plan);
            byte[] bytes = line.getBytes();
            Object[] said = reader.raw(bytes);
            Object[] raw = Arrays.copyOf(said, said.length + 1);
            if (reader.read(bytes)) {
                raw[said.length] = UTF8String.fromString(String.join(",", reader.others));
            }
            return new GenericArrayData(raw);
        }
    }

    /** A reader and what makes a term of what it read. */
    record Adding(ExportReader reader, Term term) {
    }

    /** A reader and what makes marks of what it read. */
    record Marking(ExportReader reader, Fingerprint fingerprint) {
    }
}

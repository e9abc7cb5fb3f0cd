package migration;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Functions of a row of the select. */
public final class RowFunctions {
    private RowFunctions() {
    }

    /** Function that returns the row as a line of DynamoDB JSON. */
    public static final class Item extends PlannedFunction<ItemWriter, UTF8String> {
        Item(StructType arguments) {
            super(arguments, DataTypes.StringType, ItemWriter::new);
        }

        /** Write the row. */
        public UTF8String invoke(InternalRow row, UTF8String plan) {
            return worker(plan).write(row);
        }
    }

    /** Function that returns the reason for which the row cannot become an item, or null. */
    public static final class Reason extends PlannedFunction<Limits, UTF8String> {
        Reason(StructType arguments) {
            super(arguments, DataTypes.StringType, Limits::new);
        }

        /** Check the row. */
        public UTF8String invoke(InternalRow row, UTF8String plan) {
            return UTF8String.fromString(worker(plan).reason(row));
        }
    }

    /** Function that returns the fingerprint of the item that the row should become. */
    public static final class SourceMarks extends PlannedFunction<Marking, InternalRow> {
        SourceMarks(StructType arguments) {
            super(arguments, Fingerprint.TYPE, plan -> new Marking(new SourceReader(plan), new Fingerprint(plan)));
        }

        /** Read the row. */
        public InternalRow invoke(InternalRow row, UTF8String plan) {
            Marking marking = worker(plan);
            marking.reader.read(row);
            return marking.fingerprint.of(marking.reader.values, 0);
        }
    }

    /** Function that returns the term that the row's item adds to its bucket. */
    public static final class SourceTerm extends PlannedFunction<Adding, InternalRow> {
        SourceTerm(StructType arguments) {
            super(arguments, Term.TYPE, plan -> new Adding(new SourceReader(plan), new Term(plan)));
        }

        /** Read the row. */
        public InternalRow invoke(InternalRow row, UTF8String plan) {
            Adding adding = worker(plan);
            adding.reader.read(row);
            return adding.term.of(adding.reader.values, 0);
        }
    }

    /** Function that returns the key's part of the row's term. */
    public static final class SourceKey extends PlannedFunction<Adding, InternalRow> {
        SourceKey(StructType arguments) {
            super(arguments, Term.KEY_TYPE, plan -> new Adding(new SourceReader(plan), new Term(plan)));
        }

        /** Read the row. */
        public InternalRow invoke(InternalRow row, UTF8String plan) {
            Adding adding = worker(plan);
            adding.reader.readKey(row);
            return adding.term.key(adding.reader.values);
        }
    }

    /** Function that returns the expected attributes of the row's item as texts. */
    public static final class SourceTexts extends PlannedFunction<SourceReader, ArrayData> {
        SourceTexts(StructType arguments) {
            super(arguments, TEXTS, SourceReader::new);
        }

        /** Read the row. */
        public ArrayData invoke(InternalRow row, UTF8String plan) {
            SourceReader reader = worker(plan);
            reader.read(row);
            return reader.values.asTexts();
        }
    }

    /** Function that returns 128 bits of the row's values. */
    public static final class Hash extends PlannedFunction<RowHash, InternalRow> {
        Hash(StructType arguments) {
            super(arguments, RowHash.TYPE, RowHash::new);
        }

        /** Read the row. */
        public InternalRow invoke(InternalRow row, UTF8String plan) {
            return worker(plan).of(row);
        }
    }

    /** A reader, and the term of the values that it reads. */
    record Adding(SourceReader reader, Term term) {
    }

    /** A reader, and the fingerprint of the values that it reads. */
    record Marking(SourceReader reader, Fingerprint fingerprint) {
    }
}

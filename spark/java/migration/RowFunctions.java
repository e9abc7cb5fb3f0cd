package migration;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** What is made of a row of the select. */
public final class RowFunctions {
    private RowFunctions() {
    }

    /** The row as a line of DynamoDB JSON. */
    public static final class Item extends Planned<ItemWriter, UTF8String> {
        Item(StructType arguments) {
            super(arguments, DataTypes.StringType, ItemWriter::new);
        }

        /** Write the row. */
        public UTF8String invoke(InternalRow row, UTF8String plan) {
            return worker(plan).write(row);
        }
    }

    /** Why the row cannot become an item, or null. */
    public static final class Reason extends Planned<Limits, UTF8String> {
        Reason(StructType arguments) {
            super(arguments, DataTypes.StringType, Limits::new);
        }

        /** Look at the row. */
        public UTF8String invoke(InternalRow row, UTF8String plan) {
            return UTF8String.fromString(worker(plan).reason(row));
        }
    }

    /** What stands for the item that the row should be. */
    public static final class SourceMarks extends Planned<Marking, InternalRow> {
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

    /** What the item that the row should be adds to the sums of its bucket. */
    public static final class SourceTerm extends Planned<Adding, InternalRow> {
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

    /** The bucket's part of the same. */
    public static final class SourceKey extends Planned<Adding, InternalRow> {
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

    /** The attributes that the row's item should have, as texts. */
    public static final class SourceTexts extends Planned<SourceReader, ArrayData> {
        SourceTexts(StructType arguments) {
            super(arguments, TEXTS, SourceReader::new);
        }

        /** Read the row. */
        public ArrayData invoke(InternalRow row, UTF8String plan) {
            SourceReader reader = worker(plan);
            reader.read(row);
            return reader.values.told();
        }
    }

    /** 128 bits that stand for the values of the row. */
    public static final class Hash extends Planned<RowHash, InternalRow> {
        Hash(StructType arguments) {
            super(arguments, RowHash.TYPE, RowHash::new);
        }

        /** Read the row. */
        public InternalRow invoke(InternalRow row, UTF8String plan) {
            return worker(plan).of(row);
        }
    }

    /** A reader and what makes a term of what it read. */
    record Adding(SourceReader reader, Term term) {
    }

    /** A reader and what makes marks of what it read. */
    record Marking(SourceReader reader, Fingerprint fingerprint) {
    }
}

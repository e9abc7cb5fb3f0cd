package objects;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;

import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files as S3 has objects: a folder is there only while a file lies below it. */
public final class ObjectFolders extends RawLocalFileSystem {
    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        FileStatus found = super.getFileStatus(path);
        if (found.isDirectory() && !holdsFile(path)) {
            throw new FileNotFoundException(path + " has no object below it");
        }
        return found;
    }

    @Override
    public boolean exists(Path path) throws IOException {
        try {
            getFileStatus(path);
            return true;
        } catch (FileNotFoundException absent) {
            return false;
        }
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        getFileStatus(path);
        FileStatus[] found = super.listStatus(path);
        return Arrays.stream(found).filter(one -> one.isFile() || holdsFile(one.getPath())).toArray(FileStatus[]::new);
    }

    private boolean holdsFile(Path folder) {
        java.io.File[] found = pathToFile(folder).listFiles();
        return found != null && Arrays.stream(found)
                .anyMatch(one -> one.isFile() || holdsFile(new Path(one.getAbsolutePath())));
    }
}

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
        FileStatus status = super.getFileStatus(path);
        if (status.isDirectory() && !holdsFile(path)) {
            throw new FileNotFoundException(path + " has no object below it");
        }
        return status;
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
        FileStatus[] statuses = super.listStatus(path);
        return Arrays.stream(statuses).filter(status -> status.isFile() || holdsFile(status.getPath()))
                .toArray(FileStatus[]::new);
    }

    private boolean holdsFile(Path folder) {
        java.io.File[] files = pathToFile(folder).listFiles();
        return files != null && Arrays.stream(files)
                .anyMatch(file -> file.isFile() || holdsFile(new Path(file.getAbsolutePath())));
    }
}

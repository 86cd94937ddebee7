namespace RunnerImage.Posix;

/// <summary>Files that only this user may read.</summary>
internal static class PrivateFile
{
    /// <summary>Writes a file of mode 0600 whole: a reader sees the old one or the new one.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public static void Write(string path, byte[] content)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
            file.Write(content);
        File.Move(temporary, path, overwrite: true);
    }
}

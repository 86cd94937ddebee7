using System.Formats.Tar;
using System.Text;

namespace RunnerScaler.RealCluster;

/// <summary>Writes one layer of an image as a tar archive.</summary>
internal sealed class LayerFile : IAsyncDisposable
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Usable =
        Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly TarWriter tar;

    public LayerFile(string path) => tar = new TarWriter(File.Create(path));

    /// <param name="owner">The user whose it is; only this one may enter it, unless it is root's.</param>
    public Task AddFolderAsync(string name, int owner = 0) => tar.WriteEntryAsync(
        new PaxTarEntry(TarEntryType.Directory, name)
        {
            Uid = owner,
            Gid = owner,
            Mode = owner == 0
                ? Usable | UnixFileMode.UserWrite
                : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
        });

    public Task AddProgramAsync(string name, string script) =>
        AddAsync(name, Usable | UnixFileMode.UserWrite, new MemoryStream(Encoding.UTF8.GetBytes(script)));

    public async Task AddProgramFileAsync(string name, string path)
    {
        await using var content = File.OpenRead(path);
        await AddAsync(name, Usable | UnixFileMode.UserWrite, content);
    }

    /// <param name="owner">The user whose it is; only this one may read it, unless it is root's.</param>
    public Task AddTextAsync(string name, string text, int owner = 0) => AddAsync(
        name, owner == 0 ? Readable | UnixFileMode.UserWrite : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        new MemoryStream(Encoding.UTF8.GetBytes(text)), owner);

    public Task AddLinkAsync(string name, string target) =>
        tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target, Mode = Usable });

    public ValueTask DisposeAsync() => tar.DisposeAsync();

    private Task AddAsync(string name, UnixFileMode mode, Stream content, int owner = 0) => tar.WriteEntryAsync(
        new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            Uid = owner,
            Gid = owner,
            Mode = mode,
            DataStream = content,
        });
}

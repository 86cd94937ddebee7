using RunnerImage.Posix;

namespace RunnerImage.Tests.Images;

public sealed class HardLinkTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("runnerscaler-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void ANameThatIsThereStaysWhatItIs()
    {
        File.WriteAllText(In("blob"), "new");
        HardLink.Make(In("blob"), In("name"));
        Assert.Equal("new", File.ReadAllText(In("name")));
        File.WriteAllText(In("other"), "old");
        HardLink.Make(In("blob"), In("other"));
        Assert.Equal("old", File.ReadAllText(In("other")));
    }

    /// <summary>Whoever asks afterwards whether it is there may be told of another.</summary>
    [Fact]
    public void ThatTheFileIsMissingIsSaidByTheAttemptItself()
    {
        var missing = Assert.Throws<FileNotFoundException>(() => HardLink.Make(In("none"), In("name")));
        Assert.Equal(In("none"), missing.FileName);

        File.WriteAllText(In("blob"), "");
        var noFolder = Assert.Throws<IOException>(() => HardLink.Make(In("blob"), In("blob/name")));
        Assert.Contains("error 20", noFolder.Message, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(folder.FullName, name);
}

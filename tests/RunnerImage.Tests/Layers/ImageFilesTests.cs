using RunnerImage.Images;

namespace RunnerImage.Tests.Layers;

/// <summary>The files of an image, read out of its layers.</summary>
public sealed class ImageFilesTests : IDisposable
{
    private readonly LayeredImage image = new();

    public void Dispose() => image.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void HigherLayersWin(bool packed)
    {
        image.Add(packed, "d etc/", "f etc/a one", "f etc/b one", "f etc/c one")
            .Add(!packed, "f etc/b two", "d etc/c/", "f etc/c/d two");

        Assert.Equal(
            ["d etc/", "d etc/c/", "f etc/a one", "f etc/b two", "f etc/c/d two"], image.Files());
    }

    /// <summary>As zstd packs it: frames that follow each other, and some that are to be skipped.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LayersPackedByZstdAreRead(bool inFrames)
    {
        image.AddZstandard(inFrames, "d etc/", "f etc/a one", $"f etc/b {new string('b', 200_000)}")
            .Add(true, "f etc/a two");

        Assert.Equal(["d etc/", "f etc/a two", $"f etc/b {new string('b', 200_000)}"],
            image.Files().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ALayerPackedByZstdThatEndsTooEarlyIsSaid()
    {
        image.AddZstandard(false, $"f a {new string('b', 200_000)}");
        var blob = Directory.GetFiles(image.Layout.Blobs).Single();
        using (var file = File.OpenWrite(blob))
            file.SetLength(file.Length - 5);

        Assert.Contains("is no tar file, or ends too early",
            Assert.Throws<BrokenImageException>(() => image.Files()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhiteoutsTakeAwayWhatIsBelowAndNothingElse()
    {
        image.Add(false, "d a/", "f a/x one", "f a/y one", "d b/", "f b/x one", "d b/c/", "f b/c/x one", "f top one")
            .Add(false, "f a/z two", "d b/", "f b/new two")
            .Add(false, "f a/.wh.x ", "f b/kept three", "f b/.wh..wh..opq ", "f .wh.top ", "f .wh.nothing ",
                "f a/.wh..wh.plnk ");

        Assert.Equal(["d a/", "d b/", "f a/y one", "f a/z two", "f b/kept three"], image.Files());
    }

    [Fact]
    public void AWhiteoutLeavesWhatItsOwnLayerPutsThere()
    {
        image.Add(false, "d a/", "f a/old one")
            .Add(false, "d a/", "f a/new two", "f .wh.a ");

        Assert.Equal(["d a/", "f a/new two"], image.Files());
    }

    [Fact]
    public void LinksAreKept()
    {
        image.Add(true, "f one text", "h two one", "s three one", "s out ../../etc/passwd")
            .Add(true, "h four one", "h five nowhere");

        Assert.Equal(
            ["s out ../../etc/passwd", "s three one", "f four text", "h one four", "h two four"],
            image.Files());
    }

    [Theory]
    [InlineData("/link/x", "/real/dir/x")]
    [InlineData("/up/x", "/real/dir/x")]
    [InlineData("/link", "/link")]
    [InlineData("/link/", "/real/dir")]
    [InlineData("/link/.", "/real/dir")]
    [InlineData("/../../real/./dir//x", "/real/dir/x")]
    [InlineData("/link/../y", "/real/y")]
    [InlineData("/", "/")]
    [InlineData("/loop/x", null)]
    [InlineData("/loop", "/loop")]
    [InlineData("/real/dir/x/y", null)]
    [InlineData("/nowhere", null)]
    public void APathIsFollowedInsideTheImageOnly(string path, string? found)
    {
        image.Add(false, "d real/dir/", "f real/dir/x text", "f real/y text", "s link /real/dir",
            "s up ../../../../real/dir", "s loop loop");

        Assert.Equal(found, image.Open().Find(path)?.Path);
    }

    [Fact]
    public void HostileNamesLeadNowhere()
    {
        image.Add(false, "f ../../escaped x", "f a/../../escaped x", "f /absolute x", "s etc /real", "f etc/inner x",
            "s d ..", "f d/d/beside x", "f etc/inner/below x", "h hard ../../etc/passwd", "p pipe",
            $"f {new string('n', 5000)} x", "f ./. x");

        Assert.Equal(
            ["Fifo pipe", "d real/", "f absolute x", "f beside x", "f real/inner x", "s d ..", "s etc /real"],
            image.Files().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void DepthHasAnEnd()
    {
        // Each layer goes through the last link, a thousand directories deeper.
        var deep = string.Join('/', Enumerable.Repeat("d", 400));
        image.Add(false, $"f {deep}/x one", $"s l {deep}");
        for (var i = 0; i < 6; i++)
            image.Add(false, $"f l/{deep}/x two", $"s m l/{deep}", $"f m/{deep}/x three");

        Assert.True(image.Files().Max(f => f.Count(c => c == '/')) < 1100);
    }

    [Fact]
    public void ADirectoryIsNamedByTheLastPartOfItsPath()
    {
        image.Add(false, "d a/b/", "f a/b/c text", "f a/b/d text");

        Assert.Equal(["d b/", "f b/c text", "f b/d text"], image.Files("/a/b"));
        Assert.Equal(["f c text"], image.Files("/a/b/c"));
    }

    [Theory]
    [InlineData("no archive")]
    [InlineData("\u001f\u008bno gzip")]
    [InlineData("(\u00b5/\u00fdzstd")]
    public void ALayerThatIsNoneIsSaid(string content)
    {
        image.AddRaw(System.Text.Encoding.Latin1.GetBytes(content.PadRight(1024, 'x')));

        Assert.Contains("is no tar file", Assert.Throws<BrokenImageException>(() => image.Open()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ALayerThatIsMissingIsSaid()
    {
        image.Add(false, "f a x");
        foreach (var blob in Directory.GetFiles(image.Layout.Blobs))
            File.Delete(blob);

        Assert.Contains("is missing", Assert.Throws<BrokenImageException>(() => image.Open()).Message,
            StringComparison.Ordinal);
    }
}

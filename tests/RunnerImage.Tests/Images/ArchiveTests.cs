using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using RunnerImage.Images;
using RunnerImage.Tests.Processes;

namespace RunnerImage.Tests.Images;

/// <summary>Images as files, written and read by the real docker, and by skopeo.</summary>
[Collection<BuildKitGroup>]
public sealed class ArchiveTests(BuildKitFixture buildKit)
{
    [Fact]
    public async Task AnImageIsSavedAndLoadedInAnotherPod()
    {
        using var pod = await buildKit.OpenAsync();
        using var other = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app:1", "-t", "app:2", ".");

        await pod.DoAsync("save", "-o", other.Image.In("app.tar"), "app:1", "app:2");
        var ran = await other.DoAsync("load", "-i", "app.tar");

        Assert.Contains("Loaded image: app:1\nLoaded image: app:2\n", ran.Output, StringComparison.Ordinal);
        Assert.Equal(["app:1", "app:2"], other.Names);
        Assert.Equal(pod.Store.Images()[0].Id, other.Store.Images()[0].Id);
        Assert.Equal("one\n", await other.FileInAsync("app:2", "message"));
    }

    [Theory]
    [InlineData("type=docker")]
    [InlineData("type=oci")]
    public async Task WhatABuildWritesIsLoaded(string output)
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app:1", "--output", $"{output},dest=app.tar", ".");
        using (var gzip = Process.Start("gzip", [pod.Image.In("app.tar")]))
            await gzip.WaitForExitAsync(TestContext.Current.CancellationToken);

        await pod.DoAsync("image", "load", "-q", "--input", "app.tar.gz");

        Assert.Equal(["app:1"], pod.Names);
    }

    /// <summary>As docker wrote them before version 25: no layout, and links where images share a layer.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OlderArchivesAreLoaded(bool packed)
    {
        using var pod = await buildKit.OpenAsync();
        using var layer = new MemoryStream();
        using (var tar = new TarWriter(layer, leaveOpen: true))
            Add(tar, "message", "old\n");
        var content = layer.ToArray();
        using (var file = File.Create(pod.Image.In("old.tar")))
        using (var tar = new TarWriter(file))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "b/layer.tar") { LinkName = "../a/layer.tar" });
            Add(tar, "a/layer.tar", packed ? Gzip(content) : content);
            Add(tar, "c.json", $$"""
                {"architecture":"amd64","os":"linux","config":{"Cmd":["/message"]},
                 "rootfs":{"type":"layers","diff_ids":["{{Digest.Of(content)}}"]} }
                """);
            Add(tar, "manifest.json", """
                [{"Config":"c.json","RepoTags":["old:1","old:2"],"Layers":["a/layer.tar"]},
                 {"Config":"./c.json","RepoTags":["linked:1"],"Layers":["b/layer.tar"]},
                 {"Config":"c.json","RepoTags":null,"Layers":["a/layer.tar"]}]
                """);
        }

        var ran = await pod.DoAsync("load", "-i", "old.tar");

        Assert.Contains("Loaded image: old:1\nLoaded image: old:2\n", ran.Output, StringComparison.Ordinal);
        Assert.Equal(["linked:1", "old:1", "old:2"], pod.Names);
        Assert.Equal("old\n", await pod.FileInAsync("linked:1", "message"));
        Assert.Equal("[/message]\n", (await pod.DoAsync("inspect", "-f", "{{.Config.Cmd}}", "old:2")).Output);
    }

    [Theory]
    [InlineData("""[{"Config":"nowhere.json","RepoTags":["x"],"Layers":[]}]""")]
    [InlineData("""[{"Config":"../../etc/passwd","RepoTags":["x"],"Layers":["/etc/passwd"]}]""")]
    [InlineData("""[{"Config":null,"RepoTags":["x"],"Layers":null}]""")]
    [InlineData("""[null]""")]
    [InlineData("{}")]
    [InlineData("")]
    public async Task AnOlderArchiveThatIsNoneIsRefused(string list)
    {
        using var pod = await buildKit.OpenAsync();
        using (var file = File.Create(pod.Image.In("old.tar")))
        using (var tar = new TarWriter(file))
            Add(tar, "manifest.json", list);

        var ran = await pod.DockerAsync("load", "-i", "old.tar");

        Assert.Equal(1, ran.Code);
        Assert.Contains("cannot be loaded", ran.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Names);
    }

    [Theory]
    [InlineData("docker-archive:app.tar")]
    [InlineData("oci-archive:app.tar")]
    public async Task OtherProgramsReadASavedImage(string source)
    {
        using var pod = await buildKit.OpenAsync("skopeo");
        await pod.DoAsync("build", "-t", "app:1", "--provenance=false", ".");
        await pod.DoAsync("save", "-o", "app.tar", "app:1");

        var ran = await PodImage.EndAsync(pod.Image.Start(
            BuildKitFixture.PathOf("skopeo"), "inspect", "--config", "--format", "{{.Config.Env}}", source));

        Assert.True(ran.Code == 0, ran.Error);
        Assert.Contains("GREETING=hello", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNoArchiveIsRefused()
    {
        using var pod = await buildKit.OpenAsync();
        pod.Write("text", "no archive\n");
        using (var file = File.Create(pod.Image.In("evil.tar")))
        using (var tar = new TarWriter(file))
        {
            Add(tar, "../../escaped", "x");
            Add(tar, "blobs/sha256/../../escaped", "x");
            Add(tar, "blobs/sha256/" + new string('0', 64), "not this");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "index.json") { LinkName = "/etc/passwd" });
        }

        var text = await pod.DockerAsync("load", "-i", "text");
        var evil = await pod.DockerAsync("load", "-i", "evil.tar");

        Assert.Equal((1, 1), (text.Code, evil.Code));
        Assert.Contains("cannot be loaded", text.Error, StringComparison.Ordinal);
        Assert.Contains("the content of sha256:0000", evil.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Names);
        Assert.Empty(Directory.EnumerateFiles(pod.Image.Root, "escaped", SearchOption.AllDirectories));
        Assert.Equal(1, (await pod.DockerAsync("save", "nowhere", "-o", "x.tar")).Code);
    }

    private static void Add(TarWriter tar, string name, string text) => Add(tar, name, Encoding.UTF8.GetBytes(text));

    private static void Add(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }
}

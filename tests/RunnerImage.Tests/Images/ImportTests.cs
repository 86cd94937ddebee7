using System.Diagnostics;
using System.Text.Json;
using ZstdSharp;

namespace RunnerImage.Tests.Images;

/// <summary>Files become images by the real docker, from here and from servers.</summary>
[Collection<BuildKitGroup>]
public sealed class ImportTests(BuildKitFixture buildKit)
{
    private static readonly string[] Command = ["/message"];

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("bzip2")]
    public async Task FilesBecomeAnImage(string packing)
    {
        using var pod = await OpenAsync(packing);

        await pod.DoAsync("import", "-m", "by hand", "-c", "CMD [\"/message\"]", "--change=ENV A=b", "files", "app:3");

        Assert.Equal(["app:3"], pod.Names);
        Assert.Equal("three\n", await pod.FileInAsync("app:3", "message"));
        Assert.Equal($"{JsonSerializer.Serialize(Command)} [A=b]\n",
            (await pod.DoAsync("inspect", "-f", "{{json .Config.Cmd}} {{.Config.Env}}", "app:3")).Output);
        Assert.Contains("by hand", (await pod.DoAsync("history", "app:3")).Output, StringComparison.Ordinal);
        await pod.DoAsync("create", "--name", "files", "app:3");
        await pod.DoAsync("cp", "files:/message", "copied");
        Assert.Equal("three\n", pod.Image.Read("copied"));
    }

    [Fact]
    public async Task WhatIsNoArchiveOrNoChangeIsRefused()
    {
        using var pod = await OpenAsync("gzip");
        pod.Write("text", "no archive, whatever its name says\n");
        await File.WriteAllBytesAsync(pod.Image.In("evil.xz"), [0xfd, .. "7zXZ"u8, 0, 1, 2, 3],
            TestContext.Current.CancellationToken);

        var broken = await pod.DockerAsync("import", "text", "app:4");
        var run = await pod.DockerAsync("import", "-c", "RUN make", "files");
        var evil = await pod.DockerAsync("import", "evil.xz");

        Assert.Equal((1, 1, 1), (broken.Code, run.Code, evil.Code));
        Assert.Contains("no tar file", broken.Error, StringComparison.Ordinal);
        Assert.Contains("RUN make", run.Error, StringComparison.Ordinal);
        Assert.Contains("not what xz packs", evil.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Names);
    }

    [Fact]
    public async Task AnAddressIsFetched()
    {
        using var pod = await OpenAsync("gzip");
        await using var server = await FileServer.StartAsync(pod.Image.In("files"));
        pod.Write("ca.pem", server.Pem);
        pod.Image.Variables["SSL_CERT_FILE"] = pod.Image.In("ca.pem");

        var ran = await pod.DoAsync("import", $"{server.Plain}/moved", "app:1");
        await pod.DoAsync("import", $"{server.Secure}/moved", "app:2");
        await pod.DoAsync("import", $"{server.Plain}/up", "app:3");
        var named = await pod.DoAsync(
            "import", $"{server.Plain.Replace("//", "//robot:s3cret@", StringComparison.Ordinal)}/files.tgz", "app:4");

        Assert.Contains($"Downloading from {server.Plain}/moved\n", ran.Output, StringComparison.Ordinal);
        Assert.Equal(["app:1", "app:2", "app:3", "app:4"], pod.Names);
        Assert.Equal("three\n", await pod.FileInAsync("app:3", "message"));
        Assert.Contains($"Imported from {server.Plain}/moved",
            (await pod.DoAsync("history", "--no-trunc", "app:1")).Output, StringComparison.Ordinal);
        Assert.Equal($"Basic {Convert.ToBase64String("robot:s3cret"u8)}", server.Authorization);
        Assert.DoesNotContain("s3cret", named.Output + named.Error
            + (await pod.DoAsync("history", "--no-trunc", "app:4")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatCannotBeFetchedIsSaidInDockersWords()
    {
        using var pod = await OpenAsync("gzip");
        await using var server = await FileServer.StartAsync(pod.Image.In("files"));
        (string Address, string Words)[] wrong =
        [
            ("http://127.0.0.1:1/x.tgz", "dial tcp 127.0.0.1:1: connect: connection refused"),
            ("http://nowhere.invalid/x.tgz", "dial tcp: lookup nowhere.invalid: no such host"),
            ($"{server.Plain}/lost",
                $"failed to GET {server.Plain}/lost with status 404 Not Found: no such  [31mfile"),
            ($"{server.Plain}/loop", "or is one too many"),
            ($"{server.Plain}/short", "unexpected EOF"),
            ($"{server.Secure}/files.tgz", "x509: certificate signed by unknown authority"),
            (server.Secure.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/files.tgz",
                "x509: certificate is not valid for localhost"),
            (server.Plain.Replace("http:", "https:", StringComparison.Ordinal) + "/files.tgz",
                "tls: handshake failure"),
        ];
        foreach (var (address, words) in wrong)
        {
            var ran = await pod.DockerAsync("import", address, "app:1");
            Assert.Equal(1, ran.Code);
            Assert.StartsWith("Error response from daemon: ", ran.Error, StringComparison.Ordinal);
            Assert.Contains(words, ran.Error, StringComparison.Ordinal);
        }

        pod.Write("ca.pem", server.Pem);
        pod.Image.Variables["SSL_CERT_FILE"] = pod.Image.In("ca.pem");
        Assert.Contains("leads from https to http",
            (await pod.DockerAsync("import", $"{server.Secure}/down", "app:1")).Error, StringComparison.Ordinal);
        Assert.Empty(pod.Names);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(pod.StoreFolder, "staging")));
    }

    [Theory]
    [InlineData("import", "files")]
    [InlineData("import", "address")]
    [InlineData("load", "files")]
    public async Task WhatTheStoreHasNoRoomForIsNotWritten(string command, string from)
    {
        using var pod = await OpenAsync("xz");
        await using var server = await FileServer.StartAsync(pod.Image.In("files"));
        pod.Image.Variables["IMAGE_STORE_GIB"] = "0";

        var ran = await pod.DockerAsync(command == "load"
            ? ["load", "-i", from]
            : ["import", from == "files" ? from : $"{server.Plain}/files.tgz", "app:1"]);

        Assert.Equal(1, ran.Code);
        Assert.Contains("store of images is full", ran.Error, StringComparison.Ordinal);
        Assert.Contains("IMAGE_STORE_GIB", ran.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Names);
    }

    [Theory]
    [InlineData("import", "files")]
    [InlineData("load", "-i", "files")]
    public async Task AVolumeThatIsFullIsSaid(params string[] command)
    {
        using var pod = await OpenAsync("none");
        Directory.CreateDirectory(pod.StoreFolder);
        await RunAsync("truncate", "--size=4M", pod.Image.In("files"));
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", pod.StoreFolder);
        try
        {
            var ran = await pod.DockerAsync(command);

            Assert.Equal(1, ran.Code);
            Assert.StartsWith("Error response from daemon: no space left on device", ran.Error,
                StringComparison.Ordinal);
            Assert.Contains("docker image prune -af", ran.Error, StringComparison.Ordinal);
            Assert.Empty(pod.Names);
            Assert.Empty(Directory.EnumerateDirectories(Path.Combine(pod.StoreFolder, "staging")));
        }
        finally
        {
            await RunAsync("umount", pod.StoreFolder);
        }
    }

    private async Task<BuildingPod> OpenAsync(string packing)
    {
        var pod = await buildKit.OpenAsync(packing is "xz" or "bzip2" ? [packing] : []);
        pod.Write("folder/message", "three\n");
        await RunAsync("tar", "-cf", pod.Image.In("files"), "-C", pod.Image.In("folder"), ".");
        if (packing is "gzip" or "xz" or "bzip2")
        {
            // They put their own ends to the name.
            await RunAsync(packing, pod.Image.In("files"));
            File.Move(Directory.GetFiles(pod.Image.Root, "files.*").Single(), pod.Image.In("files"));
        }
        else if (packing == "zstd")
        {
            using var compressor = new Compressor();
            var packed = compressor.Wrap(await File.ReadAllBytesAsync(
                pod.Image.In("files"), TestContext.Current.CancellationToken)).ToArray();
            await File.WriteAllBytesAsync(pod.Image.In("files"), packed, TestContext.Current.CancellationToken);
        }

        return pod;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}

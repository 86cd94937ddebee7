namespace RunnerImage.Tests.Images;

/// <summary>Files are taken out of images by the real docker, though nothing runs.</summary>
[Collection<BuildKitGroup>]
public sealed class ContainerTests(BuildKitFixture buildKit)
{
    private const string Dockerfile = """
        FROM scratch AS files
        COPY message /dist/app/message
        COPY message /dist/old
        COPY message /other/message
        FROM scratch
        COPY --from=files / /
        COPY --link new /dist/app/new

        """;

    [Fact]
    public async Task FilesAreCopiedOut()
    {
        using var pod = await OpenAsync();
        var id = (await pod.DoAsync("create", "app:1")).Output.Trim();
        Directory.CreateDirectory(pod.Image.In("there"));

        await pod.DoAsync("cp", $"{id}:/dist/app/message", "one-file");
        await pod.DoAsync("cp", $"{id}:/dist/app", "made");
        await pod.DoAsync("cp", $"{id}:/dist/app", "there");
        await pod.DoAsync("cp", $"{id[..12]}:dist/app/.", "there");
        await pod.DoAsync("cp", $"{id}:/", "all");

        Assert.Equal("one\n", pod.Image.Read("one-file"));
        Assert.Equal(["message", "new"], Names(pod, "made"));
        Assert.Equal(["app/message", "app/new", "message", "new"], Names(pod, "there"));
        Assert.Equal(["dist/app/message", "dist/app/new", "dist/old", "other/message"], Names(pod, "all"));
    }

    [Fact]
    public async Task FilesArePipedOut()
    {
        using var pod = await OpenAsync();
        await pod.DoAsync("create", "--name", "files", "app:1", "/nothing");
        var docker = $"{pod.Image.Program} docker";

        var copied = await ShellAsync(pod, $"{docker} cp files:/dist/app - | tar -t");
        var exported = await ShellAsync(pod, $"{docker} export files | tar -x -O dist/app/message");

        Assert.Equal("app/\napp/message\napp/new\n", copied);
        Assert.Equal("one\n", exported);
    }

    [Fact]
    public async Task AContainerIsRemovedAndKeepsItsImageUntilThen()
    {
        using var pod = await OpenAsync();
        await pod.DoAsync("container", "create", "--name=files", "app:1");

        var taken = await pod.DockerAsync("create", "--name", "files", "app:1");
        var used = await pod.DockerAsync("rmi", "app:1");
        await pod.DoAsync("image", "prune", "-af");
        await pod.DoAsync("container", "rm", "-f", "-v", "files");
        await pod.DoAsync("rmi", "app:1");

        Assert.Equal((1, 1), (taken.Code, used.Code));
        Assert.Contains("The container name \"/files\" is already in use", taken.Error, StringComparison.Ordinal);
        Assert.Contains("is using it", used.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Names);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(pod.StoreFolder, "containers")));
    }

    [Fact]
    public async Task AnImageOfARegistryIsFetchedForIt()
    {
        using var pod = await OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        pod.Write("message", "three\n");
        await pod.DoAsync("build", "--platform=linux/amd64,linux/arm64", "--push", "-t", $"{registry.Host}/app:2", ".");

        var id = (await pod.DoAsync("create", $"{registry.Host}/app:2")).Output.Trim();
        var missing = pod.Store.Layout.Missing(pod.Store.Images().Single(i => i.Name!.Tag == "2").Root).Count;
        await pod.DoAsync("cp", $"{id}:/dist/old", "old");

        Assert.Equal("three\n", pod.Image.Read("old"));
        Assert.True(
            pod.Store.Layout.Missing(pod.Store.Images().Single(i => i.Name!.Tag == "2").Root).Count < missing);
    }

    [Fact]
    public async Task FilesAreReadOutOfLayersThatZstdPacks()
    {
        using var pod = await OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        var name = $"{registry.Host}/app:3";
        await pod.DoAsync("build", "--output",
            $"type=registry,name={name},compression=zstd,force-compression=true,oci-mediatypes=true", ".");
        await pod.DoAsync("build", "--output", "type=oci,dest=app.tar,name=app:4,compression=zstd,"
            + "force-compression=true,oci-mediatypes=true", ".");

        await pod.DoAsync("create", "--name", "files", name);
        await pod.DoAsync("cp", "files:/dist/app/new", "new-file");
        await pod.DoAsync("load", "-i", "app.tar");
        await pod.DoAsync("create", "--name", "loaded", "app:4");
        var exported = await ShellAsync(
            pod, $"{pod.Image.Program} docker export loaded | tar -x -O dist/app/message");

        Assert.Equal("two\n", pod.Image.Read("new-file"));
        Assert.Equal("one\n", exported);
        Assert.Contains(pod.Store.Layout.ReadManifest(pod.Store.Layout.Platforms(
            pod.Store.Images().Single(i => i.Name!.Tag == "4").Root)[0].Digest).Layers,
            l => l.MediaType.EndsWith("+zstd", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Could not find the file /nowhere in container files", "cp", "files:/nowhere", "x")]
    [InlineData("No such container: nobody", "cp", "nobody:/message", "x")]
    [InlineData("No such container: nobody", "rm", "nobody")]
    [InlineData("let the build copy it", "cp", "Dockerfile", "files:/dist")]
    [InlineData("manifest for 127.0.0.1:1/nowhere|connection refused", "create", "127.0.0.1:1/nowhere")]
    [InlineData("Invalid container name", "create", "--name", "a b", "app:1")]
    public async Task WhatIsNotThereIsSaidInDockersWords(string words, params string[] command)
    {
        using var pod = await OpenAsync();
        await pod.DoAsync("create", "--name", "files", "app:1");

        var ran = await pod.DockerAsync(command);

        Assert.Equal(1, ran.Code);
        Assert.Contains(words.Split('|'), w => ran.Error.Contains(w, StringComparison.Ordinal));
        Assert.False(File.Exists(pod.Image.In("x")));
    }

    private async Task<BuildingPod> OpenAsync(params string[] tools)
    {
        var pod = await buildKit.OpenAsync(tools);
        pod.Write("Dockerfile", Dockerfile);
        pod.Write("new", "two\n");
        await pod.DoAsync("build", "-t", "app:1", ".");
        return pod;
    }

    private static IEnumerable<string> Names(BuildingPod pod, string folder) =>
        Directory.EnumerateFiles(pod.Image.In(folder), "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(pod.Image.In(folder), f)).Order(StringComparer.Ordinal);

    private static async Task<string> ShellAsync(BuildingPod pod, string line)
    {
        var ran = await Processes.PodImage.EndAsync(pod.Image.Start("/bin/bash", "-o", "pipefail", "-c", line));
        Assert.True(ran.Code == 0, ran.Error);
        return ran.Output;
    }
}

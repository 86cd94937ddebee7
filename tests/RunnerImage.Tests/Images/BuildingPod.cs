using RunnerImage.Images;
using RunnerImage.Tests.Processes;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Images;

/// <summary>A pod's image with the real docker and buildx behind the program, and a BuildKit that answers.</summary>
internal sealed class BuildingPod : IDisposable
{
    public BuildingPod(string assets, string socket)
    {
        File.Delete(Image.In("real/docker-buildx"));
        File.CreateSymbolicLink(Image.In("real/docker-buildx"), Path.Combine(assets, "docker-buildx"));
        Directory.CreateDirectory(Image.In("path"));
        File.CreateSymbolicLink(Image.In("path/docker"), Path.Combine(assets, "docker"));
        if (File.Exists(Path.Combine(assets, "docker-compose")))
        {
            Directory.CreateDirectory(Image.In("plugins"));
            File.CreateSymbolicLink(Image.In("plugins/docker-compose"), Path.Combine(assets, "docker-compose"));
        }

        Image.Script("plugins/docker-buildx", $"exec {Image.Program} docker-buildx \"$@\"");
        Directory.CreateDirectory(Image.In("home/.docker"));
        File.WriteAllText(
            Image.In("home/.docker/config.json"), $$"""{"cliPluginsExtraDirs":["{{Image.In("plugins")}}"]}""");
        Image.Variables[PodVariables.BuilderAddresses] = $"unix://{socket}";
        Image.Variables["RUNNER_TEMP"] = Image.In("work/_temp");
        Directory.CreateDirectory(Image.In("work/_temp"));
        Write("Dockerfile", "FROM scratch\nCOPY message /message\nENV GREETING=hello\nCMD [\"/message\"]\n");
        Write("message", "one\n");
    }

    public PodImage Image { get; } = new();

    public string StoreFolder => Image.In("work/_images");

    public ImageStore Store => new(StoreFolder, long.MaxValue);

    /// <summary>The names of what the store has.</summary>
    public IEnumerable<string> Names =>
        Store.Images().Select(i => i.Name?.Familiar ?? "<none>").Order(StringComparer.Ordinal);

    /// <summary>Writes a file that builds may use.</summary>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Image.In(path))!);
        File.WriteAllText(Image.In(path), text);
    }

    /// <summary>Calls docker as a step does.</summary>
    public Task<Ran> DockerAsync(params string[] arguments) => Image.RunAsync(["docker", .. arguments]);

    /// <summary>Calls docker, and fails the test if docker does.</summary>
    public async Task<Ran> DoAsync(params string[] arguments)
    {
        var ran = await DockerAsync(arguments);
        Assert.True(ran.Code == 0, $"docker {string.Join(' ', arguments)}: {ran.Code}\n{ran.Output}\n{ran.Error}");
        return ran;
    }

    /// <summary>Lets the pod's programs find this machine under further names.</summary>
    public void Name(params string[] names)
    {
        Write("hosts", $"127.0.0.1 localhost {string.Join(' ', names)}\n");
        Image.Through =
        [
            "/usr/bin/unshare", "--mount", "/bin/sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"",
            Image.In("hosts"),
        ];
    }

    /// <summary>Tells the pod of registries, as the controller does.</summary>
    public void Tell(params PodRegistry[] registries) =>
        Image.Variables[PodVariables.Registries] = PodRegistry.Write(registries);

    /// <summary>Gives docker the credentials of a registry, as a login does.</summary>
    public void LogIn(Registry registry, bool byAHelper) => LogIn(registry.Host, byAHelper);

    public void LogIn(string host, bool byAHelper)
    {
        Image.Script("path/docker-credential-test",
            $$"""echo '{"Username":"{{Registry.User}}","Secret":"{{Registry.Password}}"}'""");
        var plugins = $"\"cliPluginsExtraDirs\":[\"{Image.In("plugins")}\"]";
        Write("home/.docker/config.json", byAHelper
            ? $$"""{ {{plugins}},"credHelpers":{"{{host}}":"test"} }"""
            : $$"""{ {{plugins}},"auths":{"{{host}}":{"auth":"{{Registry.Credentials}}"} } }""");
    }

    /// <summary>Lets the first copies to a registry fail as if a layer came later than its manifest.</summary>
    /// <returns>The file with the number of copies that were tried.</returns>
    public string RefuseCopies(int first)
    {
        var tries = Image.In("tries");
        var buildx = File.ResolveLinkTarget(Image.In("real/docker-buildx"), returnFinalTarget: true)!;
        File.WriteAllText(tries, "0\n");
        File.Delete(Image.In("real/docker-buildx"));
        Image.Script("real/docker-buildx", $"""
            if [ "$1" = imagetools ]; then
              read -r tries <{tries}
              echo $((tries + 1)) >{tries}
              if [ "$tries" -lt {first} ]; then
                echo 'ERROR: failed commit on ref "manifest-sha256:0": unexpected status: 400 Bad Request' >&2
                exit 1
              fi
            fi
            exec {buildx.FullName} "$@"
            """);
        return tries;
    }

    public async Task<Ran> FeedAsync(string input, params string[] arguments) =>
        await PodImage.EndAsync(Image.Start(Image.Program, ["docker", .. arguments]), input);

    /// <summary>The text of a file of an image, through a build that writes it out.</summary>
    public async Task<string> FileInAsync(string image, string path)
    {
        var folder = Image.In($"out-{Guid.NewGuid():N}");
        var ran = await FeedAsync($"FROM {image}\n", "build", "--output", $"type=local,dest={folder}", "-");
        Assert.True(ran.Code == 0, ran.Error);
        return await File.ReadAllTextAsync(Path.Combine(folder, path));
    }

    public void Dispose() => Image.Dispose();
}

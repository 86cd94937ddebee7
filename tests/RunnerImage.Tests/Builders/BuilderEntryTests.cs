using System.Text;
using System.Text.Json;
using RunnerImage.Builders;

namespace RunnerImage.Tests.Builders;

public sealed class BuilderEntryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ItIsOfBuildxesForm() => Assert.Equal("""
        {"Name":"runnerscaler","Driver":"remote","Nodes":[{"Name":"runnerscaler0","Endpoint":"unix:///run/x.sock",
        "Platforms":null,"DriverOpts":{},"Flags":null,"Files":null}],"Dynamic":false}
        """.ReplaceLineEndings(""), Encoding.UTF8.GetString(BuilderEntry.Content("unix:///run/x.sock")));

    [Fact]
    public void SettingsOfRegistriesAreAFileOfItsNode()
    {
        using var json = JsonDocument.Parse(BuilderEntry.ContentOfSettings("mine", "a = \"ü\"\n"));
        Assert.Equal("mine", json.RootElement.GetProperty("Name").GetString());
        Assert.Equal("a = \"ü\"\n", Encoding.UTF8.GetString(json.RootElement.GetProperty("Nodes")[0]
            .GetProperty("Files").GetProperty("buildkitd.toml").GetBytesFromBase64()));
    }

    [Fact]
    public void ItIsWrittenOnlyIfItSaysSomethingElse()
    {
        Assert.True(BuilderEntry.Write(folder.Path, "unix:///a"));
        Assert.False(BuilderEntry.Write(folder.Path, "unix:///a"));
        Assert.True(BuilderEntry.Write(folder.Path, "unix:///b"));
        Assert.Contains("unix:///b", File.ReadAllText(folder["instances/runnerscaler"]), StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsOfTheDriverAreWritten()
    {
        BuilderEntry.Write(folder.Path, "tcp://b:1234",
            new Dictionary<string, string> { ["key"] = "/k", ["cert"] = "/c" });
        Assert.Contains("\"DriverOpts\":{\"cert\":\"/c\",\"key\":\"/k\"}",
            File.ReadAllText(folder["instances/runnerscaler"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "/home/runner/.docker")]
    [InlineData(null, "/root", "/root/.docker")]
    [InlineData("/etc/docker", "/root", "/etc/docker")]
    public void DockersFolderIsDockersChoice(string? config, string? home, string expected) =>
        Assert.Equal(expected, DockerFolders.Docker(n => n == "DOCKER_CONFIG" ? config : n == "HOME" ? home : null));
}

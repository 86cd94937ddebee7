using RunnerImage.Engine;

namespace RunnerImage.Tests.Engine;

/// <summary>What <c>docker import --change</c> makes of an image.</summary>
public sealed class ImageChangesTests
{
    [Theory]
    [InlineData("CMD [\"a\", \"b c\"]", """{"Cmd":["a","b c"]}""")]
    [InlineData("cmd echo hello", """{"Cmd":["/bin/sh","-c","echo hello"]}""")]
    [InlineData("CMD [not json", """{"Cmd":["/bin/sh","-c","[not json"]}""")]
    [InlineData("ENTRYPOINT [\"/app\"]", """{"Entrypoint":["/app"]}""")]
    [InlineData("ENV A=b  C=\"d e\" F='g=h' I=j\\ k", """{"Env":["A=b","C=d e","F=g=h","I=j k"]}""")]
    [InlineData("ENV A b c", """{"Env":["A=b c"]}""")]
    [InlineData("LABEL team=a", """{"Labels":{"team":"a"}}""")]
    [InlineData("EXPOSE 80 53/udp", """{"ExposedPorts":{"80/tcp":{},"53/udp":{}}}""")]
    [InlineData("VOLUME [\"/data\"]", """{"Volumes":{"/data":{}}}""")]
    [InlineData("VOLUME /a /b", """{"Volumes":{"/a":{},"/b":{}}}""")]
    [InlineData("USER 1000:1000", """{"User":"1000:1000"}""")]
    [InlineData("WORKDIR /work", """{"WorkingDir":"/work"}""")]
    [InlineData("STOPSIGNAL SIGINT", """{"StopSignal":"SIGINT"}""")]
    public void InstructionsAreRead(string instruction, string expected)
    {
        var changes = new ImageChanges();

        Assert.True(changes.Apply(instruction));
        Assert.Equal(expected, changes.ToJson().GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("CMD")]
    [InlineData("RUN make")]
    [InlineData("ONBUILD RUN make")]
    [InlineData("ENV =x")]
    [InlineData("ENV A")]
    [InlineData("LABEL a=b c")]
    public void OthersAreNot(string instruction) => Assert.False(new ImageChanges().Apply(instruction));
}

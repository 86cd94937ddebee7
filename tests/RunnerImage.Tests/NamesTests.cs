namespace RunnerImage.Tests;

public sealed class NamesTests
{
    [Fact]
    public async Task AnUnknownNameIsAMisuse() =>
        Assert.Equal(64, await Names.RunAsync(["/usr/local/bin/nobody", "nothing"]));
}

namespace RunnerScaler.Tests.Tidy;

public sealed class MembersTests
{
    private const string Sample = """
        namespace Some.Place;

        /// <summary>class Nothing { void No() { } }</summary>
        [Attribute(nameof(Sample))]
        internal sealed class Sample<T>(int size) : Base(size) where T : class
        {
            private readonly Func<int> field = () => { return Call(); };

            public string Text { get; init; } = Make();

            public int Count
            {
                get => Many();
            }

            [Fact]
            public Sample() : this(1)
            {
            }

            public static (int A, string? B) Pair<TKey>(
                TKey key, string text = "}")
            {
                if (key is { } k)
                {
                    return (1, $"{k}");
                }

                return (2, null);
            }

            public int Arrow(int x) =>
                x switch
                {
                    1 => 2,
                    _ => Call(x),
                };

            public static bool operator ==(Sample<T> a, Sample<T> b) => true;

            private enum Inner { One = 1, Two }

            private readonly record struct Point(int X, int Y);

            private interface IThing
            {
                Task<(int A, int B)> DoAsync();
            }
        }
        """;

    private static readonly Members Found = Members.Of(new SourceFile("src/X/Sample.cs", Sample));

    [Fact]
    public void TypesAreFoundWithTheirNames() =>
        Assert.Equal(["Sample", "Inner", "Point", "IThing"], Found.Types.Select(t => t.Name));

    [Fact]
    public void MethodsAreFoundAndPropertiesAndFieldsAreNot() =>
        Assert.Equal(["Sample", "Pair", "Arrow", " ==", "DoAsync"], Found.Methods.Select(m => m.Name));

    [Fact]
    public void LengthsRunFromTheSignatureToTheLastLine() =>
        Assert.Equal([3, 10, 6, 1, 1], Found.Methods.Select(m => m.Length));

    [Fact]
    public void LinesAreCountedFromOne() => Assert.Equal(17, Found.Methods[0].Line);

    [Fact]
    public void TopLevelStatementsAreNoMembersThatHideOthers()
    {
        const string program = "if (a)\n{\n    b();\n}\nreturn 0;\nclass C { void M() { } }";
        var found = Members.Of(new SourceFile("src/X/Program.cs", program));

        Assert.Equal(["C"], found.Types.Select(t => t.Name));
        Assert.Contains(found.Methods, m => m.Name == "M");
    }
}

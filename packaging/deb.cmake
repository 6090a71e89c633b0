# `cpack -G DEB` in the build folder makes moonstem_VERSION_ARCHITECTURE.deb; packaging/try_deb.sh tries it in a bare Debian.
# dpkg-shlibdeps finds the libraries that the program is linked with; what it loads or starts is named here.
execute_process(COMMAND sh -c ". recipes/packages.sh; echo $run_packages $corpora_packages"
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE RECOMMENDED OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REPLACE " " ", " RECOMMENDED "${RECOMMENDED}")

set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "The Moonstem authors <moonstem@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "deep learning for music research, in Lua")
set(CPACK_PACKAGE_DESCRIPTION "Tensors, automatic differentiation, layers, optimizers and an audio front end in C;
networks, data sets, training, reports and the recipes of a paper on music source separation in Lua.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libopenblas0-pthread, lua-lpeg, lua-argparse")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "${RECOMMENDED}")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "chafa, alsa-utils, libzmq5, jupyter-notebook, lua-ldoc")
include(CPack)
